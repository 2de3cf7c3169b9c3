package org.m365connector.emulator.entra;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.m365connector.emulator.directory.AppRegistration;
import org.m365connector.emulator.tokens.TokenIssuer;

/** Authorization codes, refresh tokens and device codes that have been given out. */
final class Grants {

    /**
     * Who signed in, when and how.
     *
     * @param contexts the authentication contexts that this sign-in was for
     */
    record SignedIn(String oid, Instant at, boolean mfa, String sessionId, Set<String> contexts) {

        SignedIn in(Set<String> wanted) {
            return new SignedIn(oid, at, mfa, sessionId, wanted);
        }
    }

    /** An authorization code. {@code redeemed} is set when it has been used. */
    static final class Code {
        final AppRegistration app;
        final String authority;
        final String redirectUri;
        final ScopeRequest scopes;
        final Optional<String> nonce;
        final Optional<Pkce> pkce;
        final SignedIn signedIn;
        final Instant issued;
        boolean redeemed;

        Code(
                AppRegistration app,
                String authority,
                String redirectUri,
                ScopeRequest scopes,
                Optional<String> nonce,
                Optional<Pkce> pkce,
                SignedIn signedIn,
                Instant issued) {
            this.app = app;
            this.authority = authority;
            this.redirectUri = redirectUri;
            this.scopes = scopes;
            this.nonce = nonce;
            this.pkce = pkce;
            this.signedIn = signedIn;
            this.issued = issued;
        }
    }

    /** A refresh token. Bound to user and client; {@code confidential} says whether the client proved who it is. */
    static final class Refresh {
        final AppRegistration app;
        final boolean confidential;
        final boolean openid;
        final String resource;
        final SignedIn signedIn;
        final Instant issued;
        boolean ended;

        Refresh(
                AppRegistration app,
                boolean confidential,
                boolean openid,
                String resource,
                SignedIn signedIn,
                Instant issued) {
            this.app = app;
            this.confidential = confidential;
            this.openid = openid;
            this.resource = resource;
            this.signedIn = signedIn;
            this.issued = issued;
        }
    }

    enum DeviceState {
        PENDING,
        APPROVED,
        DECLINED,
        BLOCKED,
        REDEEMED
    }

    /** A device code with the code that its user has to type. */
    static final class Device {
        final AppRegistration app;
        final Authority authority;
        final ScopeRequest scopes;
        final String userCode;
        final Instant issued;
        DeviceState state = DeviceState.PENDING;
        Optional<SignedIn> signedIn = Optional.empty();
        Instant lastPoll = Instant.MIN;

        Device(AppRegistration app, Authority authority, ScopeRequest scopes, String userCode, Instant issued) {
            this.app = app;
            this.authority = authority;
            this.scopes = scopes;
            this.userCode = userCode;
            this.issued = issued;
        }
    }

    private final Clock clock;
    private final Map<String, Code> codes = new HashMap<>();
    private final Map<String, Refresh> refreshes = new HashMap<>();
    private final Map<String, Device> devices = new HashMap<>();
    private final Map<String, Deque<Instant>> repeats = new HashMap<>();

    Grants(Clock clock) {
        this.clock = clock;
    }

    void reset() {
        codes.clear();
        refreshes.clear();
        devices.clear();
        repeats.clear();
    }

    /** Gives out a code as long as Entra's, which do not fit where somebody planned for a hundred characters. */
    String add(Code code) {
        String value = "1.A" + TokenIssuer.randomText(580);
        codes.put(value, code);
        return value;
    }

    Optional<Code> code(String value) {
        return Optional.ofNullable(codes.get(value));
    }

    String add(Refresh refresh) {
        String value = "1.A" + TokenIssuer.randomText(980);
        refreshes.put(value, refresh);
        return value;
    }

    Optional<Refresh> refresh(String value) {
        return Optional.ofNullable(refreshes.get(value));
    }

    String add(Device device) {
        String value = "GAQ" + TokenIssuer.randomText(300);
        devices.put(value, device);
        return value;
    }

    Optional<Device> device(String value) {
        return Optional.ofNullable(devices.get(value));
    }

    Optional<Device> deviceByUserCode(String userCode) {
        return devices.values().stream()
                .filter(device -> device.userCode.equalsIgnoreCase(userCode))
                .findFirst();
    }

    /** Whether the same request has come more than {@code count} times within this time; 0 = never. */
    boolean repeats(String request, int count, Duration within) {
        Instant now = clock.instant();
        Deque<Instant> times = repeats.computeIfAbsent(request, key -> new ArrayDeque<>());
        times.add(now);
        while (times.getFirst().isBefore(now.minus(within))) {
            times.removeFirst();
        }
        return count > 0 && times.size() > count;
    }
}
