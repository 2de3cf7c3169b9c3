package org.m365connector.emulator.entra;

import io.vertx.core.http.Cookie;
import io.vertx.core.http.CookieSameSite;
import io.vertx.ext.web.RoutingContext;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.m365connector.emulator.EmulatorState;
import org.m365connector.emulator.directory.UserAccount;
import org.m365connector.emulator.tokens.TokenIssuer;

/** Who is signed in in which browser. Several accounts may be in one. */
final class Sessions {

    static final String COOKIE = "ESTSAUTH";

    private final EmulatorState state;
    private final Map<String, Session> sessions = new HashMap<>();

    Sessions(EmulatorState state) {
        this.state = state;
    }

    /** The accounts of one browser by object id, in the order of their sign-in. */
    static final class Session {
        final String id = TokenIssuer.randomText(16);
        final Map<String, Grants.SignedIn> accounts = new LinkedHashMap<>();
    }

    void reset() {
        sessions.clear();
    }

    /** The browser's session, which may be empty of accounts; sets the cookie if it is new. */
    Session of(RoutingContext ctx) {
        Cookie cookie = ctx.request().getCookie(COOKIE);
        Session known = cookie == null ? null : sessions.get(cookie.getValue());
        if (known != null) {
            return known;
        }
        Session session = new Session();
        sessions.put(session.id, session);
        boolean secure = ctx.request().isSSL();
        ctx.response()
                .addCookie(Cookie.cookie(COOKIE, session.id)
                        .setPath("/")
                        .setHttpOnly(true)
                        .setSecure(secure)
                        .setSameSite(secure ? CookieSameSite.NONE : CookieSameSite.LAX));
        return session;
    }

    void signIn(Session session, UserAccount user, boolean mfa) {
        session.accounts.put(
                user.oid(), new Grants.SignedIn(user.oid(), state.clock().instant(), mfa, session.id, Set.of()));
    }

    void signOut(Session session) {
        session.accounts.clear();
    }

    /** The accounts whose sign-in still holds: not too old, not revoked, not deleted. */
    List<UserAccount> accounts(Session session) {
        Instant oldest = state.clock().instant().minus(state.limits().seconds("entra.sessionSeconds"));
        return session.accounts.values().stream()
                .filter(signedIn -> signedIn.at().isAfter(oldest))
                .map(signedIn -> state.directory().userByOid(signedIn.oid()))
                .flatMap(Optional::stream)
                .filter(user -> !session.accounts.get(user.oid()).at().isBefore(user.sessionsValidFrom()))
                .toList();
    }
}
