package org.m365connector.graphproxy.account;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.m365connector.access.Caller;
import org.m365connector.events.PortalId;
import org.m365connector.events.PortalUser;
import org.m365connector.events.RegistrationName;

/**
 * What {@link AccountResolver} has found, for as long as nothing has changed in what it looks into: most calls ask what one before them asked.
 * Refusals are not kept.
 */
public final class ResolvedAccounts {

    private static final int MOST = 5_000;

    private final AccountResolver resolver;
    private final LongSupplier assignments;
    private final LongSupplier accounts;
    private final Cache<Question, Answer> answers =
            Caffeine.newBuilder().maximumSize(MOST).executor(Runnable::run).build();

    /** All that an answer follows from besides the views; of the caller only which kind he is. */
    private record Question(
            Class<? extends Caller> caller,
            PortalId portal,
            RegistrationName registration,
            Optional<PortalUser> inPath,
            String inHeader,
            String named) {}

    private record Answer(ActingAccount account, long assignments, long accounts) {}

    /**
     * @param assignments number of the edition of the view of {@code m365.assignments}
     * @param accounts the same of {@code m365.accounts}
     */
    public ResolvedAccounts(AccountResolver resolver, LongSupplier assignments, LongSupplier accounts) {
        this.resolver = resolver;
        this.assignments = assignments;
        this.accounts = accounts;
    }

    /** As {@link AccountResolver#resolve}. */
    public ActingAccount resolve(
            Caller caller,
            PortalId portal,
            RegistrationName registration,
            Optional<PortalUser> inPath,
            String inHeader,
            String named) {
        Question question = new Question(caller.getClass(), portal, registration, inPath, inHeader, named);
        // Before the views are asked: what changes meanwhile counts for the next call.
        long assignmentsNow = assignments.getAsLong();
        long accountsNow = accounts.getAsLong();
        Answer known = answers.getIfPresent(question);
        if (known != null && known.assignments() == assignmentsNow && known.accounts() == accountsNow) {
            return known.account();
        }
        ActingAccount found = resolver.resolve(caller, portal, registration, inPath, inHeader, named);
        answers.put(question, new Answer(found, assignmentsNow, accountsNow));
        return found;
    }
}
