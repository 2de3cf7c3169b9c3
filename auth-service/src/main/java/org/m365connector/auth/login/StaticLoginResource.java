package org.m365connector.auth.login;

import com.fasterxml.jackson.annotation.JsonProperty;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotNull;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import java.time.Instant;
import java.util.Optional;
import org.jboss.resteasy.reactive.RestResponse;
import org.m365connector.access.AdminCall;
import org.m365connector.events.AccountName;
import org.m365connector.events.PortalId;
import org.m365connector.events.RegistrationName;

/** Logins of static accounts, begun by an administrator. */
@AdminCall
@Path("/api/portals/{portal}/registrations/{registration}/accounts/{account}/logins")
public class StaticLoginResource {

    private final TicketService tickets;
    private final DeviceLoginService devices;

    StaticLoginResource(TicketService tickets, DeviceLoginService devices) {
        this.tickets = tickets;
        this.devices = devices;
    }

    enum LoginMethod {
        @JsonProperty("browser")
        BROWSER,
        @JsonProperty("device")
        DEVICE
    }

    record NewStaticLogin(@NotNull LoginMethod method) {}

    /** A link, or a code to enter on Microsoft's page. */
    record StaticLogin(
            LoginMethod method,
            Optional<String> loginUrl,
            Optional<String> userCode,
            Optional<String> verificationUri,
            Instant expiresAt) {

        @Override
        public String toString() {
            return "StaticLogin[method=" + method + "]";
        }
    }

    @POST
    public RestResponse<StaticLogin> begin(
            PortalId portal, RegistrationName registration, AccountName account, @Valid @NotNull NewStaticLogin login) {
        StaticLogin begun =
                switch (login.method()) {
                    case BROWSER -> byLink(tickets.forStatic(portal, registration, account));
                    case DEVICE -> byCode(devices.begin(portal, registration, account));
                };
        return RestResponse.status(RestResponse.Status.CREATED, begun);
    }

    /** How the last device login stands. */
    @GET
    public DeviceLoginView last(PortalId portal, RegistrationName registration, AccountName account) {
        return devices.last(portal, registration, account);
    }

    private static StaticLogin byLink(Link link) {
        return new StaticLogin(
                LoginMethod.BROWSER,
                Optional.of(link.loginUrl()),
                Optional.empty(),
                Optional.empty(),
                link.expiresAt());
    }

    private static StaticLogin byCode(DeviceLoginView login) {
        return new StaticLogin(
                LoginMethod.DEVICE,
                Optional.empty(),
                Optional.of(login.userCode()),
                Optional.of(login.verificationUri()),
                login.expiresAt());
    }
}
