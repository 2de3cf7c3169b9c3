package org.m365connector.graphproxy.forward;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.List;

/** The way to Graph. */
@ConfigMapping(prefix = "m365.graph")
interface GraphConfig {

    /** Graph of the cloud {@code global} ({@code M365_GRAPH_BASE_URL}): scheme, host, port. Tokens may be sent there. */
    @WithDefault("https://graph.microsoft.com")
    String baseUrl();

    /** The other hosts that a registration may choose and tokens may be sent to; by default Microsoft's other clouds. */
    @WithDefault("https://graph.microsoft.us,https://dod-graph.microsoft.us,https://microsoftgraph.chinacloudapi.cn")
    List<String> otherBaseUrls();

    /** How long a connection to Graph may take to be had. Then the caller gets {@code graph-timeout}. */
    @WithDefault("5S")
    Duration connectTimeout();

    /** How long Graph may be silent once it has the whole request. Then the caller gets {@code graph-timeout}. */
    @WithDefault("100S")
    Duration answerTimeout();

    /**
     * How long a transfer may stand still, in either direction, before it is cut. One that moves less than 4 KiB in it is cut
     * after once or twice as long.
     */
    @WithDefault("120S")
    Duration stallTimeout();

    /**
     * How much of callers' bodies may be in memory at once: whole batches, which are read before they go on, and small bodies, which are
     * kept in case they have to be sent again. Beyond it batches get {@code too-many-calls}, and small bodies are not kept.
     */
    @WithDefault("32M")
    MemorySize keptBodies();

    /** Connections to one host of Graph at most. */
    @WithDefault("256")
    int connections();

    /** Calls that may wait for a connection; more get {@code too-many-calls}. */
    @WithDefault("2048")
    int waiting();
}
