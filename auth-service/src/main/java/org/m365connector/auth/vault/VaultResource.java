package org.m365connector.auth.vault;

import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import org.m365connector.access.AdminCall;

/** How far a change of the vault's key has come. */
@AdminCall
@Path("/api/vault")
public class VaultResource {

    private final Reencryption reencryption;

    VaultResource(Reencryption reencryption) {
        this.reencryption = reencryption;
    }

    /** What each key has sealed, counted now. */
    @GET
    public VaultView view() {
        return reencryption.count();
    }
}
