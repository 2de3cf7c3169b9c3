package org.m365connector.local.suite;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.m365connector.backends.KafkaProcess;
import org.m365connector.backends.PostgresServer;

/**
 * The running suite: Kafka, PostgreSQL, the emulator unless a real tenant is used, and the four services, each a process
 * of its own. {@link #close()} ends all of them and, unless it is to be kept, deletes their state.
 */
public final class LocalSuite implements AutoCloseable {
    private static final Duration READY_PATIENCE = Duration.ofMinutes(4);
    private static final Duration READY_POLL = Duration.ofMillis(50);
    private static final String EMULATOR = "emulator";

    private final Checkout checkout;
    private final Ports ports;
    private final Tenant tenant;
    private final boolean shortLives;
    private final Map<String, String> extraEnvironment;
    private final StateDirectory state;
    private final Secrets secrets;
    private final Progress progress;
    private final ServiceEnvironment environment;
    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();

    private final Map<Service, Child> services = new EnumMap<>(Service.class);
    private final Set<Service> down = ConcurrentHashMap.newKeySet();
    private Optional<Child> emulator = Optional.empty();
    private KafkaProcess kafka;
    private PostgresServer postgres;
    private RunRecord record = RunRecord.begin();
    private Thread starter;
    private boolean closing;

    private LocalSuite(Builder builder, StateDirectory state, Secrets secrets) {
        this.checkout = builder.checkout;
        this.ports = builder.ports;
        this.tenant = builder.tenant;
        this.shortLives = builder.shortLives;
        this.extraEnvironment = Map.copyOf(builder.environment);
        this.progress = builder.progress;
        this.state = state;
        this.secrets = secrets;
        this.environment = new ServiceEnvironment(ports, secrets, tenant);
    }

    /** The launcher of a suite that runs with the usual directory of this checkout. */
    public static Optional<ProcessHandle> running(Checkout checkout) {
        return StateDirectory.runningLauncher(checkout.localState()).flatMap(ProcessIdentity::running);
    }

    public static Builder builder(Checkout checkout) {
        return new Builder(checkout);
    }

    /** What may be chosen before the start. */
    public static final class Builder {
        private final Checkout checkout;
        private Path directory;
        private Ports ports = Ports.usual();
        private Tenant tenant = Tenant.ofEmulator();
        private boolean shortLives;
        private boolean keep;
        private Progress progress = Progress.silent();
        private final Map<String, String> environment = new HashMap<>();

        private Builder(Checkout checkout) {
            this.checkout = checkout;
            this.directory = checkout.localState();
        }

        /** Where databases, topics, logs and the record of the run lie; {@code target/local} unless set. */
        public Builder directory(Path newDirectory) {
            directory = newDirectory;
            return this;
        }

        public Builder ports(Ports newPorts) {
            ports = newPorts;
            return this;
        }

        public Builder tenant(Tenant newTenant) {
            tenant = newTenant;
            return this;
        }

        /** Tokens that live 30 s and subscriptions that live 2 min, so that a test sees them renewed. */
        public Builder shortLives() {
            shortLives = true;
            return this;
        }

        /** Keeps the state when the suite ends, and uses what an earlier one kept. */
        public Builder keep(boolean keepState) {
            keep = keepState;
            return this;
        }

        /** One more variable for all services. */
        public Builder environment(String name, String value) {
            environment.put(name, value);
            return this;
        }

        public Builder progress(Progress newProgress) {
            progress = newProgress;
            return this;
        }

        /**
         * Cleans up what a killed run has left and looks whether everything can be had, without starting anything.
         *
         * @throws LocalException if a suite with this directory runs already, a port is taken, this machine is of another
         *     kind, or what was kept belongs to another kind of tenant
         */
        public LocalSuite prepare() {
            Platform.ofThisMachine().requirePostgres();
            checkout.requireBuilt();
            StateDirectory state = StateDirectory.open(directory, keep, progress);
            try {
                PortalNotes.read(state.portalFile()).ifPresent(kept -> kept.requireKind(tenant, state.directory()));
                List<String> taken = ports.taken();
                if (!taken.isEmpty()) {
                    throw new LocalException("Cannot start: " + String.join("; ", taken)
                            + ". End what holds it, or find out more with ./run doctor.");
                }
                return new LocalSuite(this, state, state.secrets());
            } catch (RuntimeException e) {
                state.close();
                throw e;
            }
        }
    }

    /** Starts everything and returns when all of it is ready; ends what it has started if that fails. */
    public LocalSuite start() {
        return start(true);
    }

    /** Starts what the services need and none of them, for who wants to start them one by one. */
    public LocalSuite startBackends() {
        return start(false);
    }

    private LocalSuite start(boolean withServices) {
        synchronized (this) {
            starter = Thread.currentThread();
            record.write(state.directory());
        }
        if (PortalNotes.read(state.portalFile()).isEmpty()) {
            PortalNotes.none(tenant).write(state.portalFile());
        }
        try {
            inParallel(List.of(this::startPostgres, this::startKafka, this::startEmulator));
            if (withServices) {
                List<Runnable> starts = new ArrayList<>();
                for (Service service : Service.values()) {
                    starts.add(() -> start(service));
                }
                inParallel(starts);
            }
        } catch (RuntimeException e) {
            if (isClosing()) {
                throw new LocalException("The start was broken off", e);
            }
            state.keepLogs();
            close();
            throw e;
        } finally {
            synchronized (this) {
                starter = null;
                notifyAll();
            }
        }
        return this;
    }

    public Suite suite() {
        Map<Service, String> urls = new EnumMap<>(Service.class);
        for (Service service : Service.values()) {
            urls.put(service, environment.url(service));
        }
        return new Suite(
                urls,
                tenant.emulated() ? Optional.of(environment.emulatorUrl()) : Optional.empty(),
                "localhost:" + ports.kafka(),
                "postgresql://postgres@localhost:" + ports.postgres() + "/" + Databases.DATABASE,
                secrets.adminKey(),
                Optional.empty());
    }

    public Tenant tenant() {
        return tenant;
    }

    public Ports ports() {
        return ports;
    }

    public Secrets secrets() {
        return secrets;
    }

    public Path logs() {
        return state.logs();
    }

    /** Leaves the logs where they are when the suite ends, for whoever has to find out what went wrong. */
    public void keepLogs() {
        state.keepLogs();
    }

    /** Where what was done for the demo portal is noted, for a start that goes on with kept state. */
    public Path portalFile() {
        return state.portalFile();
    }

    /** The processes of this suite that run now, by name. */
    public List<ProcessHandle> processes() {
        return currentRecord().children().stream()
                .flatMap(child -> child.running().stream())
                .toList();
    }

    /** The process of a service that has been started. */
    public ProcessHandle process(Service service) {
        return services.get(service).handle();
    }

    /** kill -9. */
    public void kill(Service service) {
        down.add(service);
        services.get(service).kill();
    }

    /** Starts a killed service again and returns when it is ready. */
    public void restart(Service service) {
        start(service);
        down.remove(service);
    }

    /** kill -9 of the broker; what it stored is there again after {@link #restartKafka()}. */
    public void killKafka() {
        kafka.kill();
    }

    public void restartKafka() {
        startKafka();
    }

    /** kill -9 of the database; what it stored is there again after {@link #restartPostgres()}. */
    public void killPostgres() {
        postgres.kill();
    }

    public void restartPostgres() {
        startPostgres();
    }

    /** A process that has ended although nobody asked it to, with its last words. */
    public Optional<String> casualty() {
        if (isClosing()) {
            return Optional.empty();
        }
        Optional<String> found = deadChild().or(this::deadBackend);
        found.ifPresent(casualty -> state.keepLogs());
        return found;
    }

    private Optional<String> deadChild() {
        return children()
                .filter(child -> child.started() && !child.alive() && !isDown(child))
                .findFirst()
                .map(child -> child.name() + " has ended by itself (exit code " + child.exitCode() + ")"
                        + lastWords(child.log()));
    }

    private Optional<String> deadBackend() {
        return currentRecord().children().stream()
                .filter(child -> child.name().equals("kafka") || child.name().equals("postgres"))
                .filter(child -> child.running().isEmpty())
                .findFirst()
                .map(child -> child.name() + " has ended by itself" + lastWords(state.log(child.name())));
    }

    @Override
    public void close() {
        synchronized (this) {
            if (closing) {
                return;
            }
            closing = true;
            interruptStart();
        }
        progress.say("Ending everything");
        // The services first: they still have something to commit. PostgreSQL last, for the same reason.
        Processes.end(handles(services.values()), Duration.ofSeconds(8));
        Processes.end(handles(emulator.stream().toList()), Duration.ofSeconds(3));
        if (kafka != null) {
            kafka.close();
        }
        if (postgres != null) {
            postgres.close();
        }
        currentRecord().endChildren();
        // What was being started when the start was broken off, and took too long to be waited for.
        Orphans.end(state.directory());
        state.close();
        progress.say("Nothing is left running");
    }

    private synchronized boolean isClosing() {
        return closing;
    }

    /** Ctrl-C during the start: nothing more may come up while the rest is being ended. */
    private synchronized void interruptStart() {
        if (starter == null || starter.equals(Thread.currentThread())) {
            return;
        }
        starter.interrupt();
        long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        try {
            while (starter != null && System.nanoTime() < deadline) {
                wait(200);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static List<ProcessHandle> handles(Collection<Child> children) {
        return children.stream().filter(Child::alive).map(Child::handle).toList();
    }

    private void startPostgres() {
        postgres = PostgresServer.start(state.backend("postgres"), ports.postgres());
        remember(ProcessIdentity.of("postgres", processOf(state.postmasterPid())));
        Databases.prepare(ports.postgres(), secrets.databasePasswords());
        progress.say("PostgreSQL is ready on port " + ports.postgres());
    }

    private void startKafka() {
        if (kafka == null) {
            kafka = KafkaProcess.start(state.backend("kafka"), ports.kafka());
        } else {
            kafka.restart();
        }
        remember(ProcessIdentity.of("kafka", processOf(kafka.pid())));
        progress.say("Kafka is ready on port " + ports.kafka());
    }

    private static ProcessHandle processOf(long pid) {
        return ProcessHandle.of(pid)
                .orElseThrow(() -> new LocalException("Process " + pid + " has ended right after its start"));
    }

    private void startEmulator() {
        if (!tenant.emulated()) {
            return;
        }
        List<String> command = java(96);
        command.addAll(List.of("-cp", System.getProperty("java.class.path")));
        command.addAll(List.of("org.m365connector.emulator.EmulatorMain"));
        command.addAll(List.of("--port", Integer.toString(ports.emulator()), "--https-port", "0"));
        if (shortLives) {
            command.add("--short-lives");
        }
        Child child = new Child(EMULATOR, command, Map.of(), state.directory(), state.log(EMULATOR));
        emulator = Optional.of(child);
        spawn(child);
        awaitAnswer(child, environment.emulatorUrl() + "/_emulator/requests");
        progress.say("emulator of Entra ID and Graph is ready on port " + ports.emulator());
    }

    private void start(Service service) {
        List<String> command = java(heap(service));
        command.add("-Djava.util.logging.manager=org.jboss.logmanager.LogManager");
        command.addAll(List.of("-jar", checkout.application(service).toString()));
        Map<String, String> variables = environment.of(service);
        variables.putAll(extraEnvironment);
        Child child = new Child(service.module(), command, variables, state.directory(), state.log(service.module()));
        synchronized (this) {
            services.put(service, child);
        }
        spawn(child);
        awaitAnswer(child, environment.url(service) + "/q/health/ready");
        progress.say(service.module() + " is ready on port " + ports.of(service));
    }

    /**
     * Starts one service in its own way, measures that, and ends it again by SIGTERM.
     *
     * @param command the whole command
     */
    public Start startOnce(Service service, List<String> command) {
        Child child = new Child(
                service.module(),
                command,
                environment.of(service),
                state.directory(),
                state.log(service.module() + "-once"));
        long begin = System.nanoTime();
        spawn(child);
        try {
            awaitAnswer(child, environment.url(service) + "/q/health/ready");
            long millis = Duration.ofNanos(System.nanoTime() - begin).toMillis();
            return new Start(millis, ResidentMemory.peakMegabytes(child.handle().pid()));
        } finally {
            Processes.end(List.of(child.handle()), Duration.ofSeconds(30));
        }
    }

    /**
     * One measured start.
     *
     * @param millis from the start of the process to the first good answer of its readiness
     * @param peakMegabytes most memory that was resident until then
     */
    public record Start(long millis, long peakMegabytes) {}

    /** Megabytes; the Graph SDK in sync-service wants some more. */
    public static int heap(Service service) {
        return switch (service) {
            case AUTH, ASSIGNMENT, PROXY -> 160;
            case SYNC -> 224;
        };
    }

    /**
     * As in an image, but compiled quickly rather than well, and without checking what this machine's compiler has just
     * written: two cores start four services.
     */
    private List<String> java(int heapMegabytes) {
        return new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "@" + checkout.jvmOptions(),
                "-Xmx" + heapMegabytes + "m",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UnlockDiagnosticVMOptions",
                "-XX:-BytecodeVerificationRemote"));
    }

    private synchronized void spawn(Child child) {
        if (closing) {
            throw new LocalException("The suite is being ended");
        }
        remember(child.start());
    }

    private synchronized void remember(ProcessIdentity child) {
        record = record.with(child);
        record.write(state.directory());
    }

    private synchronized RunRecord currentRecord() {
        return record;
    }

    private void awaitAnswer(Child child, String url) {
        HttpRequest request = HttpRequest.newBuilder(URI.create(url))
                .timeout(Duration.ofSeconds(5))
                .build();
        long deadline = System.nanoTime() + READY_PATIENCE.toNanos();
        String said = ask(request);
        while (!said.isEmpty()) {
            if (!child.alive()) {
                throw new LocalException(child.name() + " has ended during its start (exit code " + child.exitCode()
                        + ")" + lastWords(child.log()));
            }
            if (System.nanoTime() > deadline) {
                throw new LocalException(child.name() + " did not get ready within " + READY_PATIENCE.toSeconds()
                        + " s. " + url + ": " + said + lastWords(child.log()));
            }
            Processes.pause(READY_POLL);
            said = ask(request);
        }
    }

    /** Nothing if the answer is good, else what is wrong. */
    private String ask(HttpRequest request) {
        try {
            HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
            return answer.statusCode() == 200 ? "" : answer.statusCode() + " " + answer.body();
        } catch (IOException e) {
            return e.toString();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LocalException("Interrupted during the start", e);
        }
    }

    private static String lastWords(Path log) {
        return ". Its last words, from " + log + ":\n  " + String.join("\n  ", Child.lastLines(log, 25));
    }

    private boolean isDown(Child child) {
        return down.stream().anyMatch(service -> service.module().equals(child.name()));
    }

    private synchronized Stream<Child> children() {
        return Stream.concat(emulator.stream(), List.copyOf(services.values()).stream());
    }

    private static void inParallel(List<Runnable> tasks) {
        ExecutorService threads = Executors.newFixedThreadPool(tasks.size());
        try {
            List<Future<?>> running = new ArrayList<>();
            tasks.forEach(task -> running.add(threads.submit(task)));
            for (Future<?> future : running) {
                awaitDone(future);
            }
        } finally {
            threads.shutdownNow();
            awaitEnd(threads);
        }
    }

    /** Even after a failure, so that what comes up late is known and can be ended. */
    private static void awaitEnd(ExecutorService threads) {
        boolean interrupted = false;
        long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!threads.isTerminated() && System.nanoTime() < deadline) {
            try {
                threads.awaitTermination(1, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static void awaitDone(Future<?> future) {
        try {
            future.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LocalException("Interrupted during the start", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof LocalException understandable) {
                throw understandable;
            }
            throw new LocalException("Cannot start: " + e.getCause(), e.getCause());
        }
    }
}
