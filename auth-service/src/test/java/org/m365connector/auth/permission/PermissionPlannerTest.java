package org.m365connector.auth.permission;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.m365connector.emulator.Emulator;

class PermissionPlannerTest {

    private final PermissionPlanner planner = PermissionPlanner.planner();

    @Test
    void theLeastPermissionsOfEveryFeatureAreThese() {
        // Given what a person compared with Microsoft's permission reference
        Map<Feature, String> delegated = Map.ofEntries(
                Map.entry(Feature.MAIL_READ, "User.Read Mail.Read"),
                Map.entry(Feature.MAIL_SEND, "Mail.ReadWrite Mail.Send"),
                Map.entry(Feature.CALENDAR, "User.Read Calendars.ReadWrite"),
                Map.entry(Feature.CONTACTS, "User.Read Contacts.ReadWrite"),
                Map.entry(Feature.TASKS, "Tasks.ReadWrite"),
                Map.entry(Feature.TEAMS_READ, "Team.ReadBasic.All Channel.ReadBasic.All ChannelMessage.Read.All"),
                Map.entry(Feature.CHATS_READ, "User.Read Chat.Read"),
                Map.entry(Feature.TEAMS_SEND, "ChannelMessage.Send"),
                Map.entry(Feature.TEAMS_MANAGE, "Team.Create Channel.Create TeamMember.ReadWrite.All"),
                Map.entry(Feature.MEETINGS, "OnlineMeetings.ReadWrite"),
                Map.entry(Feature.GROUPS, "Group.ReadWrite.All"),
                Map.entry(Feature.FILES, "User.Read Files.ReadWrite.All"));
        Map<Feature, String> application = Map.ofEntries(
                Map.entry(Feature.MAIL_READ, "User.ReadBasic.All Mail.Read"),
                Map.entry(Feature.MAIL_SEND, "Mail.ReadWrite Mail.Send"),
                Map.entry(Feature.CALENDAR, "User.ReadBasic.All Calendars.ReadWrite"),
                Map.entry(Feature.CONTACTS, "User.ReadBasic.All Contacts.ReadWrite"),
                Map.entry(Feature.TASKS, "Tasks.ReadWrite.All"),
                Map.entry(Feature.TEAMS_READ, "Team.ReadBasic.All Channel.ReadBasic.All ChannelMessage.Read.All"),
                Map.entry(Feature.CHATS_READ, "User.ReadBasic.All Chat.ReadBasic.All Chat.Read.All"),
                Map.entry(Feature.TEAMS_SEND, ""),
                Map.entry(Feature.TEAMS_MANAGE, "Team.Create Channel.Create TeamMember.ReadWrite.All"),
                Map.entry(Feature.MEETINGS, "OnlineMeetings.ReadWrite.All"),
                Map.entry(Feature.GROUPS, "Group.Create Group.ReadBasic.All"),
                Map.entry(Feature.FILES, "User.ReadBasic.All Files.ReadWrite.All"));

        // Then
        for (Feature feature : Feature.values()) {
            assertThat(planner.least(List.of(feature), LoginKind.DELEGATED_WORK))
                    .as("delegated %s", feature.slug())
                    .containsExactlyInAnyOrder(delegated.get(feature).split(" ", -1));
            assertThat(String.join(" ", planner.least(List.of(feature), LoginKind.APPLICATION)))
                    .as("application %s", feature.slug())
                    .satisfies(names -> assertThat(Set.of(names.split(" ", -1)))
                            .isEqualTo(Set.of(application.get(feature).split(" ", -1))));
        }
    }

    @ParameterizedTest
    @EnumSource(LoginKind.class)
    void whatIsPlannedForAllFeaturesSufficesForEveryPossibleCall(LoginKind kind) {
        Set<String> planned = Set.copyOf(planner.least(List.of(Feature.values()), kind));
        for (Feature feature : Feature.values()) {
            List<String> impossible = planner.impossible(feature, kind);
            for (String call : planner.calls(feature)) {
                assertThat(planner.suffices(call, kind, planned))
                        .as("%s %s %s", kind, feature, call)
                        .isEqualTo(!impossible.contains(call));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(LoginKind.class)
    void nothingThatIsPlannedIsSuperfluous(LoginKind kind) {
        for (Feature feature : Feature.values()) {
            List<String> planned = planner.least(List.of(feature), kind);
            for (String permission : planned) {
                Set<String> others = new HashSet<>(planned);
                others.remove(permission);
                assertThat(planner.calls(feature))
                        .as("%s without %s", feature, permission)
                        .anyMatch(call -> planner.suffices(call, kind, Set.of(permission))
                                && !planner.suffices(call, kind, others));
            }
        }
    }

    @Test
    void anAppCannotPostInChannelsWhateverItIsGranted() {
        assertThat(planner.impossible(Feature.TEAMS_SEND, LoginKind.APPLICATION))
                .containsExactly(
                        "POST /teams/{id}/channels/{id}/messages",
                        "POST /teams/{id}/channels/{id}/messages/{id}/replies");
        assertThat(Arrays.stream(Feature.values()).filter(feature -> !planner.impossible(feature, LoginKind.APPLICATION)
                        .isEmpty()))
                .containsExactly(Feature.TEAMS_SEND);
    }

    @Test
    void personalAccountsHaveNoTeamsMeetingsAndGroups() {
        assertThat(Arrays.stream(Feature.values())
                        .filter(feature -> !planner.impossible(feature, LoginKind.DELEGATED_PERSONAL)
                                .isEmpty()))
                .containsExactly(
                        Feature.TEAMS_READ,
                        Feature.CHATS_READ,
                        Feature.TEAMS_SEND,
                        Feature.TEAMS_MANAGE,
                        Feature.MEETINGS,
                        Feature.GROUPS);
    }

    @Test
    void theTenantFileAsksForWhatTheDemoNeedsAndNoMore() throws IOException {
        // Given the features that ./run registers
        List<Feature> demo = List.of(Feature.MAIL_READ, Feature.MAIL_SEND, Feature.TEAMS_READ, Feature.TEAMS_SEND);
        List<String> words =
                Arrays.asList(Files.readString(Path.of("../tenant.env.example")).split("[#\\s]+"));

        // Then
        assertThat(words.subList(words.indexOf("delegated") + 1, words.indexOf("application")))
                .containsExactlyInAnyOrder(DelegatedScopes.of(demo).split(" ", -1));
        assertThat(words.subList(words.indexOf("application") + 1, words.indexOf("The")))
                .containsExactlyInAnyOrderElementsOf(planner.least(demo, LoginKind.APPLICATION));
    }

    @Test
    void whatTheTestOfARegistrationAsksGraphIsAllowedToEveryLogin() {
        assertThat(planner.suffices("GET /users/{id}", LoginKind.DELEGATED_WORK, Set.copyOf(DelegatedScopes.ALWAYS)))
                .isTrue();
    }

    @Test
    void whoMustConsentIsWhatTheEmulatorEnforces() throws IOException {
        Map<String, Set<String>> traits = new HashMap<>();
        try (var lines = new BufferedReader(new InputStreamReader(
                Emulator.class.getResourceAsStream("graph-permissions.txt"), StandardCharsets.UTF_8))) {
            lines.lines().filter(line -> !line.startsWith("#")).forEach(line -> {
                List<String> words = List.of(line.split(" ", -1));
                traits.put(words.get(0), Set.copyOf(words.subList(1, words.size())));
            });
        }
        for (Feature feature : Feature.values()) {
            for (String name : planner.least(List.of(feature), LoginKind.DELEGATED_WORK)) {
                assertThat(traits).as(name).containsKey(name);
                assertThat(planner.takesAdministrator(name, LoginKind.DELEGATED_WORK))
                        .as(name)
                        .isEqualTo(traits.get(name).contains("admin"));
            }
            for (String name : planner.least(List.of(feature), LoginKind.APPLICATION)) {
                assertThat(traits.get(name)).as(name).contains("application");
            }
        }
    }
}
