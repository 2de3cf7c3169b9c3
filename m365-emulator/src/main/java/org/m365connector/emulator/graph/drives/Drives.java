package org.m365connector.emulator.graph.drives;

import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.m365connector.emulator.directory.Directory;
import org.m365connector.emulator.directory.UserAccount;
import org.m365connector.emulator.graph.change.Changes;
import org.m365connector.emulator.graph.delta.DeltaRounds;
import org.m365connector.emulator.graph.protocol.Call;
import org.m365connector.emulator.graph.protocol.Caller;
import org.m365connector.emulator.graph.protocol.GraphError;
import org.m365connector.emulator.graph.protocol.RouteTable;
import org.m365connector.emulator.graph.switches.Switches;
import org.m365connector.emulator.graph.transfer.Transfers;

/** Everybody's drive, empty at first. A person reaches his own only: nothing is shared. */
public final class Drives {

    private final Directory directory;
    private final Changes changes;
    private final Clock clock;
    private final DriveCalls calls;
    private final Map<String, Drive> byOid = new HashMap<>();

    public Drives(
            Directory directory,
            Changes changes,
            DeltaRounds deltas,
            Transfers transfers,
            Switches switches,
            Clock clock) {
        this.directory = directory;
        this.changes = changes;
        this.clock = clock;
        this.calls = new DriveCalls(this, deltas, transfers, switches);
    }

    public void addTo(RouteTable routes) {
        calls.addTo(routes);
    }

    public void reset() {
        byOid.clear();
    }

    /** Id of the drive that a subscription names by its owner; refused like a call that reads it. */
    public String subscribedOf(Caller caller, String oidOrUpn) {
        return of(caller, oidOrUpn).id();
    }

    /** The same by its id. */
    public String subscribed(Caller caller, String driveId) {
        return byId(caller, driveId).id();
    }

    /** The drive of {@code /users/{id}/drive…} or {@code /drives/{id}…}. */
    Drive opened(Call call) {
        return call.template().startsWith("/drives/")
                ? byId(call.caller(), call.id(0))
                : of(call.caller(), call.owner());
    }

    private Drive of(Caller caller, String oidOrUpn) {
        UserAccount owner = directory
                .user(oidOrUpn)
                .filter(account -> account.tenant().id().equalsIgnoreCase(caller.tenantId()))
                .orElseThrow(() -> GraphError.directoryObjectNotFound(oidOrUpn));
        return opened(caller, owner);
    }

    private Drive byId(Caller caller, String driveId) {
        UserAccount owner = directory.users().stream()
                .filter(account -> DriveIds.of(account).equals(driveId)
                        && account.tenant().id().equalsIgnoreCase(caller.tenantId()))
                .findFirst()
                .orElseThrow(() -> DriveIds.unknown(driveId));
        return opened(caller, owner);
    }

    private Drive opened(Caller caller, UserAccount owner) {
        if (!caller.isApp() && !owner.oid().equals(caller.id())) {
            throw DriveErrors.accessDenied();
        }
        return of(owner);
    }

    private Drive of(UserAccount owner) {
        return byOid.computeIfAbsent(owner.oid(), oid -> new Drive(owner, clock, changes));
    }

    // The control door: somebody in Microsoft 365 does something.

    /** An id of an item and its version. */
    public record ItemRef(String id, String etag) {}

    /**
     * @param parent id of a folder; {@code root} is one
     * @param size of a file; empty for a folder
     */
    public ItemRef make(String owner, String parent, String name, Optional<Integer> size) {
        Drive drive = any(owner);
        return ref(drive.add(drive.item(parent), name, size.map(Content::ofSize)));
    }

    /** Another text in a file, another name of a folder: whatever is given. */
    public ItemRef change(String owner, String id, Optional<String> name, Optional<Integer> size) {
        Drive drive = any(owner);
        DriveItem item = drive.item(id);
        name.ifPresent(other -> drive.rename(item, other));
        size.ifPresent(other -> drive.write(item, Content.ofSize(other)));
        if (name.isEmpty() && size.isEmpty()) {
            drive.rename(item, "Again " + item.name());
        }
        return ref(item);
    }

    public ItemRef move(String owner, String id, String folder) {
        Drive drive = any(owner);
        DriveItem item = drive.item(id);
        drive.move(item, drive.item(folder));
        return ref(item);
    }

    public ItemRef delete(String owner, String id) {
        Drive drive = any(owner);
        drive.remove(drive.item(id));
        return new ItemRef(id, "");
    }

    /** The newest items of a drive, newest last. */
    public List<ItemRef> newest(String owner, int count) {
        Drive drive = any(owner);
        List<DriveItem> all =
                drive.items().stream().filter(item -> item != drive.root()).toList();
        return all.subList(Math.max(0, all.size() - count), all.size()).stream()
                .map(Drives::ref)
                .toList();
    }

    /** Id of somebody's drive. */
    public String id(String owner) {
        return any(owner).id();
    }

    private Drive any(String oidOrUpn) {
        return of(directory
                .user(oidOrUpn)
                .orElseThrow(() -> new IllegalArgumentException("there is no user " + oidOrUpn)));
    }

    private static ItemRef ref(DriveItem item) {
        return new ItemRef(item.id, item.etag());
    }
}
