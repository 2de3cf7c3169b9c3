package org.m365connector.assignment.assignment;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.time.Duration;

/** Imports and exports of files of assignments. */
@ConfigMapping(prefix = "m365.transfer")
interface TransferConfig {

    /** Imports and exports that one process works on at the same time; one more is told to come back. */
    @WithDefault("4")
    int atOnce();

    /** Where what is read waits for the database, about as large as the files: a disk, not memory. */
    @WithDefault("${java.io.tmpdir}")
    Path directory();

    /** How long the sender of an import may take for all of it. */
    @WithDefault("1H")
    Duration longestUpload();

    /** An import that has not said for so long that it lives has ended with its process. */
    @WithDefault("30S")
    Duration silence();
}
