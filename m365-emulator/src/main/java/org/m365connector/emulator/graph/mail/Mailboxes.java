package org.m365connector.emulator.graph.mail;

import java.time.Clock;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.m365connector.emulator.directory.Directory;
import org.m365connector.emulator.directory.UserAccount;
import org.m365connector.emulator.graph.change.Changes;
import org.m365connector.emulator.graph.protocol.Call;
import org.m365connector.emulator.graph.protocol.Caller;
import org.m365connector.emulator.graph.protocol.GraphError;

/** Everybody's mailbox, and who may open it. */
public final class Mailboxes {

    private final Directory directory;
    private final Clock clock;
    private final Changes changes;
    private final Map<String, Mailbox> byOid = new HashMap<>();

    public Mailboxes(Directory directory, Clock clock, Changes changes) {
        this.directory = directory;
        this.clock = clock;
        this.changes = changes;
    }

    void clear() {
        byOid.clear();
    }

    Mailbox of(UserAccount owner) {
        return byOid.computeIfAbsent(owner.oid(), oid -> new Mailbox(owner, clock, changes));
    }

    Optional<UserAccount> byAddress(String address) {
        return directory.userByUpn(address);
    }

    /** The mailbox a call is about, if the caller may open it: his own, or any of the tenant for an app. */
    Mailbox opened(Call call) {
        return opened(call.caller(), call.owner());
    }

    Mailbox opened(Caller caller, String oidOrUpn) {
        // Notifications name a user as {oid}@{tenant}.
        String tenantSuffix = "@" + caller.tenantId();
        String user = oidOrUpn.endsWith(tenantSuffix)
                ? oidOrUpn.substring(0, oidOrUpn.length() - tenantSuffix.length())
                : oidOrUpn;
        UserAccount owner = directory
                .user(user)
                .filter(account -> account.tenant().id().equalsIgnoreCase(caller.tenantId()))
                .orElseThrow(() -> GraphError.invalidUser(oidOrUpn));
        if (!caller.isApp() && !owner.oid().equals(caller.id())) {
            throw GraphError.outlookAccessDenied();
        }
        if (!owner.hasMailbox()) {
            throw GraphError.mailboxNotEnabled();
        }
        return of(owner);
    }

    /** For the control door: whoever the mailbox belongs to. */
    Mailbox any(String oidOrUpn) {
        return of(directory
                .user(oidOrUpn)
                .orElseThrow(() -> new IllegalArgumentException("there is no user " + oidOrUpn)));
    }
}
