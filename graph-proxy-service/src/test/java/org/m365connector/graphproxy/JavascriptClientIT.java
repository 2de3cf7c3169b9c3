package org.m365connector.graphproxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.vertx.core.json.JsonObject;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.m365connector.emulator.Seed;
import org.m365connector.view.Views;

/**
 * Microsoft's client for JavaScript, unmodified. It shows its key over TLS only, so this is also the proxy with a certificate.
 * Node and the client need not be there to build the suite; {@code .ci/run} installs the client where it can.
 */
@EnabledIf(
        value = "isClientThere",
        disabledReason = "there is no node, or nobody has run 'npm ci' in graph-proxy-service/src/test/node")
@QuarkusTest
@QuarkusTestResource(ProxyTestConfig.class)
@WithTestResource(value = TlsTestConfig.class, scope = TestResourceScope.RESTRICTED_TO_CLASS)
class JavascriptClientIT {

    private static final Path FOLDER = Path.of("src/test/node");

    /** Including those that are slow to start. */
    private static final long PATIENCE_SECONDS = 90;

    @Inject
    Views views;

    private final World world = World.get();
    private TestPortal portal;

    static boolean isClientThere() {
        boolean node = Arrays.stream(System.getenv("PATH").split(":", -1))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, "node")));
        return node && Files.isDirectory(FOLDER.resolve("node_modules/@microsoft/microsoft-graph-client"));
    }

    @BeforeEach
    void onboard() throws Exception {
        world.emulator().reset();
        portal = TestPortal.with(world, views, world.emulatorBase())
                .assign("BEN", "current-user*")
                .token("user:BEN", new EntraLogin(world.emulatorBase()).of(Seed.BEN));
    }

    @Test
    void microsoftsJavascriptClientPagesBatchesAndReadsErrors() throws Exception {
        JsonObject got = run();

        JsonObject paging = got.getJsonObject("paging");
        assertThat(paging.getInteger("firstPage")).isEqualTo(10);
        assertThat(paging.getJsonArray("ids")).hasSize(25).doesNotHaveDuplicates();
        assertThat(got.getJsonObject("batch"))
                .isEqualTo(
                        new JsonObject().put("upn", Seed.BEN).put("messages", 1).put("missing", 400));
        JsonObject graphs = got.getJsonObject("graphsError");
        assertThat(graphs.getInteger("status")).isEqualTo(400);
        assertThat(graphs.getString("code")).isEqualTo("ErrorInvalidIdMalformed");
        // Of ours it reads the status only: it takes no media type but application/json for JSON.
        assertThat(got.getJsonObject("ourError").getInteger("status")).isEqualTo(400);
    }

    private JsonObject run() throws IOException, InterruptedException {
        String proxy = ConfigProvider.getConfig().getValue("m365.proxy-url", String.class);
        Path output = Files.createTempFile("javascript-client", ".txt");
        Path errors = Files.createTempFile("javascript-client", ".err");
        try {
            ProcessBuilder node = new ProcessBuilder("node", "client.cjs").directory(FOLDER.toFile());
            node.environment().put("PROXY_BASE", proxy + portal.path("/as/BEN"));
            node.environment().put("PORTAL_KEY", portal.key());
            node.environment()
                    .put("NODE_EXTRA_CA_CERTS", ConfigProvider.getConfig().getValue("test.trusted", String.class));
            Process process = node.redirectOutput(output.toFile())
                    .redirectError(errors.toFile())
                    .start();
            boolean ended = process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS);
            process.destroyForcibly();
            assertThat(ended && process.exitValue() == 0).as(() -> text(errors)).isTrue();
            return new JsonObject(text(output));
        } finally {
            Files.delete(output);
            Files.delete(errors);
        }
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return e.toString();
        }
    }
}
