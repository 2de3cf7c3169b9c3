package org.m365connector.graphproxy.token;

import java.time.Duration;
import java.util.Optional;
import org.m365connector.events.AccountId;
import org.m365connector.events.PortalId;
import org.m365connector.events.RegistrationName;

/**
 * What auth-service is asked for.
 *
 * @param minimumTtl how long the token has to live at least
 * @param claims what Graph demands besides (a claims challenge), as the JSON text that Entra wants to read
 * @param language the {@code Accept-Language} of whoever waits, for the texts of a problem
 */
public record TokenQuestion(
        PortalId portal,
        RegistrationName registration,
        AccountId account,
        Duration minimumTtl,
        Optional<String> claims,
        Optional<String> language) {}
