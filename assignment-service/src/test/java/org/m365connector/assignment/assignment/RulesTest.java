package org.m365connector.assignment.assignment;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.m365connector.assignment.user.Nesting;
import org.m365connector.events.PortalUser;

class RulesTest {
    private static final PortalUser ADA = new PortalUser("ADA");

    private static final List<Nesting.Place> PLACES =
            List.of(new Nesting.Place("Board", 7, 0), new Nesting.Place("Sales", 0, 0));

    private final Rule user = rule(Principal.Kind.USER, "ADA");
    private final Rule board = rule(Principal.Kind.GROUP, "Board");
    private final Rule sales = rule(Principal.Kind.GROUP, "Sales");
    private final Rule editor = rule(Principal.Kind.ROLE, "Editor");
    private final Rule everybody = rule(Principal.Kind.DEFAULT, "");

    @Test
    void theMostSpecificRuleDecides() {
        assertThat(applying(user, board, editor, everybody)).containsExactly(user, board, editor, everybody);
        assertThat(applying(board, editor, everybody)).containsExactly(board, editor, everybody);
        assertThat(applying(editor, everybody)).containsExactly(editor, everybody);
        assertThat(applying(everybody)).containsExactly(everybody);
        assertThat(applying()).isEmpty();
    }

    @Test
    void amongSeveralGroupsThatWhichComesFirstDecides() {
        assertThat(applying(sales, board)).containsExactly(board, sales);
    }

    @Test
    void ruleOfAGroupSaysWithWhichPriority() {
        assertThat(new Rules(List.of(board, everybody)).applying(ADA, PLACES, List.of()))
                .extracting(Rule::priority)
                .containsExactly(Optional.of(7), Optional.empty());
    }

    @Test
    void amongSeveralRolesTheFirstByNameDecides() {
        var author = rule(Principal.Kind.ROLE, "Author");
        assertThat(new Rules(List.of(editor, author)).applying(ADA, List.of(), List.of("Editor", "Author")))
                .containsExactly(author, editor);
    }

    @Test
    void rulesOfOthersDoNotApply() {
        assertThat(applying(
                        rule(Principal.Kind.USER, "BEN"),
                        rule(Principal.Kind.GROUP, "Editor"),
                        rule(Principal.Kind.ROLE, "Sales")))
                .isEmpty();
    }

    private static List<Rule> applying(Rule... rules) {
        return new Rules(List.of(rules))
                .applying(ADA, PLACES, List.of("Editor")).stream()
                        .map(rule -> new Rule(rule.id(), rule.principal(), rule.accounts()))
                        .toList();
    }

    private static Rule rule(Principal.Kind kind, String id) {
        return new Rule(UUID.randomUUID(), new Principal(kind, id), Accounts.OWN);
    }
}
