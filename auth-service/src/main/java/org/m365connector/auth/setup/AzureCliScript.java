package org.m365connector.auth.setup;

import java.util.List;
import java.util.stream.Collectors;
import org.m365connector.auth.registration.RegistrationOutline;
import org.m365connector.events.AccountTypes;

/**
 * Entra's side as a script for the Azure CLI. Whatever comes from a person stands in single quotes. Ids of permissions are
 * looked up by name in the tenant where the script runs, so that they are right in every cloud.
 */
record AzureCliScript(
        RegistrationOutline registration, List<String> delegated, List<String> application, SetupTexts texts) {

    /** Microsoft Graph's own app id; the same in every cloud. */
    private static final String GRAPH = "00000003-0000-0000-c000-000000000000";

    private static final int LONGEST_NAME = 120;

    String text() {
        return """
                #!/usr/bin/env bash
                %s
                set -euo pipefail
                graph=%s
                %s
                az ad sp show --id "$app" --output none 2>/dev/null || az ad sp create --id "$app" --output none

                # %s
                permission() {
                  id=$(az ad sp show --id "$graph" --query "$2[?value=='$1'].id | [0]" --output tsv)
                  [ -n "$id" ] || { echo "Microsoft Graph has no permission $1 here" >&2; exit 1; }
                  az ad app permission add --id "$app" --api "$graph" --api-permissions "$id=$3" --output none
                }
                for name in %s; do permission "$name" oauth2PermissionScopes Scope; done
                %s
                %s
                # %s
                secret=$(az ad app credential reset --id "$app" --append --display-name m365-connector --years 1 --query password --output tsv)
                tenant=$(az account show --query tenantId --output tsv)
                printf 'tenantId=%%s\\nclientId=%%s\\nsecret=%%s\\n' "$tenant" "$app" "$secret"
                """.formatted(
                comment(texts.text("cli.head", registration.name().value())),
                GRAPH,
                makeApp(),
                oneLine(texts.text("cli.permissions")),
                words(delegated),
                application.isEmpty()
                        ? ""
                        : "for name in " + words(application) + "; do permission \"$name\" appRoles Role; done\n",
                registration.accountTypes() == AccountTypes.PERSONAL ? "" : consent(),
                oneLine(texts.text("cli.secret")));
    }

    private String makeApp() {
        String uris = words(registration.redirectUris());
        if (registration.clientId().isPresent()) {
            return """
                    app=%s
                    # %s
                    known=$(az ad app show --id "$app" --query 'web.redirectUris' --output tsv)
                    uris=()
                    while IFS= read -r uri; do uris+=("$uri"); done \\
                      < <(printf '%%s\\n' "$known" %s | sed '/^$/d' | sort -u)
                    az ad app update --id "$app" --web-redirect-uris "${uris[@]}" --output none""".formatted(quoted(registration.clientId().get()), oneLine(texts.text("cli.update")), uris);
        }
        String name = "Intrexx " + registration.portalName().replaceAll("\\p{Cntrl}", " ") + " " + registration.name();
        return "app=$(az ad app create --display-name "
                + quoted(name.substring(0, Math.min(LONGEST_NAME, name.length())))
                + " --sign-in-audience " + audience()
                + " --web-redirect-uris " + uris
                + " --query appId --output tsv)";
    }

    private String audience() {
        return switch (registration.accountTypes()) {
            case BUSINESS -> "AzureADMyOrg";
            case PERSONAL -> "PersonalMicrosoftAccount --requested-access-token-version 2";
            case BOTH -> "AzureADandPersonalMicrosoftAccount --requested-access-token-version 2";
        };
    }

    private String consent() {
        return "# " + oneLine(texts.text("cli.consent")) + "\naz ad app permission admin-consent --id \"$app\"\n";
    }

    private static String comment(String text) {
        return text.lines().map(line -> "# " + line).collect(Collectors.joining("\n"));
    }

    private static String oneLine(String text) {
        return text.replaceAll("\\p{Cntrl}", " ");
    }

    private static String words(List<String> values) {
        return values.stream().map(AzureCliScript::quoted).collect(Collectors.joining(" "));
    }

    /** A word that no shell looks into. */
    private static String quoted(String value) {
        return "'" + value.replace("'", "'\\''") + "'";
    }
}
