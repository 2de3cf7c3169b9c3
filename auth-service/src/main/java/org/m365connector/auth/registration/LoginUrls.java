package org.m365connector.auth.registration;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import jakarta.enterprise.context.ApplicationScoped;
import java.net.URI;
import java.util.List;

/** The public addresses of auth-service. They are made from configuration alone, never from a request's headers. */
@ApplicationScoped
public class LoginUrls {

    /** What browsers and Entra reach. */
    @ConfigMapping(prefix = "m365.public")
    interface Settings {

        /** Public base URL of auth-service ({@code M365_PUBLIC_LOGIN_URL}), without trailing slash. */
        @WithDefault("http://localhost:8081")
        String loginUrl();
    }

    private final String base;

    LoginUrls(Settings settings) {
        String url = settings.loginUrl();
        this.base = url.endsWith("/") ? url.substring(0, url.length() - 1) : url;
    }

    public String base() {
        return base;
    }

    public String ticket(String ticket) {
        return base + "/login/" + ticket;
    }

    public URI callback() {
        return URI.create(base + "/oauth2/callback");
    }

    public boolean isHttps() {
        return base.startsWith("https:");
    }

    List<String> redirectUris() {
        return List.of(callback().toString());
    }
}
