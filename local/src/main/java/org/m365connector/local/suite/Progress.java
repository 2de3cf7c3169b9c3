package org.m365connector.local.suite;

import java.io.OutputStream;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;

/** Says on the console what happens, with the seconds since the start in front. */
public final class Progress {
    private final PrintStream out;
    private final long begin = System.nanoTime();

    private Progress(PrintStream out) {
        this.out = out;
    }

    public static Progress on(PrintStream out) {
        return new Progress(out);
    }

    public static Progress silent() {
        return new Progress(new PrintStream(OutputStream.nullOutputStream()));
    }

    public void say(String what) {
        double seconds = Duration.ofNanos(System.nanoTime() - begin).toMillis() / 1000.0;
        out.println(String.format(Locale.ROOT, "[%5.1f s] %s", seconds, what));
        out.flush();
    }
}
