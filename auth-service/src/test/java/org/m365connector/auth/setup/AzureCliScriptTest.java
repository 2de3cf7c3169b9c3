package org.m365connector.auth.setup;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.m365connector.auth.permission.Feature;
import org.m365connector.auth.registration.RegistrationOutline;
import org.m365connector.events.AccountTypes;
import org.m365connector.events.PortalId;
import org.m365connector.events.PortalUser;
import org.m365connector.events.RegistrationName;

/** The script is run by a real shell, with an az that writes down what it was called with. */
class AzureCliScriptTest {

    private static final String AZ = """
            #!/bin/sh
            printf '%s\\n' "$@" | sed 's/^/  /' >> calls.txt
            echo "--" >> calls.txt
            case "$*" in
              "ad app create"*) echo 11111111-2222-4333-8444-555555555555 ;;
              "ad app show"*) echo https://already.example/there ;;
              "ad sp show"*--query*) echo "id-of-$(printf '%s' "$*" | sed "s/.*value=='\\([^']*\\)'.*/\\1/")" ;;
              "ad app credential reset"*) echo the-secret ;;
              "account show"*) echo the-tenant ;;
            esac
            """;

    @TempDir
    Path folder;

    private record Run(int status, String output, List<List<String>> calls) {

        List<String> call(String words) {
            return calls.stream()
                    .filter(call -> String.join(" ", call).startsWith(words))
                    .findFirst()
                    .orElseThrow();
        }
    }

    @Test
    void itMakesTheAppWithEverythingItNeeds() throws Exception {
        Run run = run(script("Test portal", Optional.empty(), AccountTypes.BUSINESS));

        assertThat(run.status()).as(run.output()).isZero();
        assertThat(run.output())
                .isEqualToIgnoringNewLines(
                        "tenantId=the-tenantclientId=11111111-2222-4333-8444-555555555555secret=the-secret");
        assertThat(run.call("ad app create"))
                .containsSequence("--display-name", "Intrexx Test portal Main")
                .containsSequence("--sign-in-audience", "AzureADMyOrg")
                .containsSequence("--web-redirect-uris", "https://login.example/oauth2/callback");
        assertThat(run.calls())
                .anySatisfy(call -> assertThat(call).contains("--api-permissions", "id-of-Mail.Read=Scope"))
                .anySatisfy(call -> assertThat(call).contains("--api-permissions", "id-of-offline_access=Scope"))
                .anySatisfy(call -> assertThat(call).contains("--api-permissions", "id-of-User.ReadBasic.All=Role"))
                .anySatisfy(call -> assertThat(call).startsWith("ad", "app", "permission", "admin-consent"));
    }

    @Test
    void aNameIsNeverRead() throws Exception {
        String hostile = "It's \"mine\"; touch broken; $(touch broken) `touch broken` \\";

        Run run = run(script(hostile, Optional.empty(), AccountTypes.BUSINESS));

        assertThat(run.status()).as(run.output()).isZero();
        assertThat(run.call("ad app create")).contains("Intrexx " + hostile + " Main");
        assertThat(folder.resolve("broken")).doesNotExist();
    }

    @Test
    void anAppThatIsThereKeepsItsRedirectUris() throws Exception {
        Run run = run(script("Test portal", Optional.of("aaaa-bbbb"), AccountTypes.BUSINESS));

        assertThat(run.status()).as(run.output()).isZero();
        assertThat(run.call("ad app update"))
                .containsSequence(
                        "--web-redirect-uris",
                        "https://already.example/there",
                        "https://login.example/oauth2/callback");
        assertThat(run.calls()).noneSatisfy(call -> assertThat(call).startsWith("ad", "app", "create"));
    }

    @Test
    void personalAccountsKnowNoAdministratorsConsent() throws Exception {
        Run run = run(script("Test portal", Optional.empty(), AccountTypes.PERSONAL));

        assertThat(run.status()).as(run.output()).isZero();
        assertThat(run.call("ad app create")).contains("PersonalMicrosoftAccount");
        assertThat(run.calls()).noneSatisfy(call -> assertThat(call).contains("admin-consent"));
        assertThat(run.calls())
                .noneSatisfy(call -> assertThat(String.join(" ", call)).contains("=Role"));
    }

    private static String script(String portalName, Optional<String> clientId, AccountTypes types) {
        var registration = new RegistrationOutline(
                new PortalId("demo"),
                portalName,
                new RegistrationName("Main"),
                false,
                "global",
                "https://login.example",
                "https://graph.example",
                Optional.empty(),
                clientId,
                types,
                "emailBiz",
                List.of(Feature.MAIL_READ),
                new PortalUser("A".repeat(40)),
                List.of(),
                List.of("https://login.example/oauth2/callback"));
        return PermissionPlan.of(registration, registration.features(), Optional.empty(), SetupTexts.in(Locale.GERMAN))
                .azureCli();
    }

    private Run run(String script) throws IOException, InterruptedException {
        Path az = folder.resolve("az");
        Files.writeString(az, AZ);
        Files.setPosixFilePermissions(az, PosixFilePermissions.fromString("rwx------"));
        Files.writeString(folder.resolve("setup.sh"), script);
        Path output = folder.resolve("output.txt");
        var builder = new ProcessBuilder("bash", "setup.sh")
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        builder.environment().compute("PATH", (name, path) -> folder + ":" + path);
        Process process = builder.start();
        assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
        List<List<String>> calls = Files.readString(folder.resolve("calls.txt"))
                .lines()
                .collect(java.util.stream.Collectors.collectingAndThen(
                        java.util.stream.Collectors.joining("\n"), AzureCliScriptTest::calls));
        return new Run(process.exitValue(), Files.readString(output), calls);
    }

    private static List<List<String>> calls(String log) {
        return java.util.Arrays.stream(log.split("\n--", -1))
                .map(call -> call.lines()
                        .filter(line -> line.startsWith("  "))
                        .map(line -> line.substring(2))
                        .toList())
                .filter(call -> !call.isEmpty())
                .toList();
    }
}
