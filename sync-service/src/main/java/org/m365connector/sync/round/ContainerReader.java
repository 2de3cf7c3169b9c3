package org.m365connector.sync.round;

import com.microsoft.graph.serviceclient.GraphServiceClient;
import java.util.Optional;
import org.m365connector.sync.change.Item;
import org.m365connector.sync.watch.Container;

/** How one kind of container is read. Failures come as {@link org.m365connector.sync.graph.GraphException}. */
interface ContainerReader {

    /** @param link of the page before or of the last round; empty at the beginning of a full scan */
    DeltaPage read(Optional<String> link);

    /** Whether this resource is in the container right now. */
    boolean isThere(Item item);

    static ContainerReader of(Container container, GraphServiceClient client, int pageSize) {
        String[] path = container.path().split("/", -1);
        return switch (container.kind()) {
            case MAIL_FOLDER -> new MailFolderReader(client, path[1], path[3], pageSize);
            case CHANNEL -> new ChannelReader(client, path[1], path[3], pageSize);
        };
    }
}
