package org.m365connector.assignment.assignment;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.EntityManager;
import java.util.List;
import java.util.stream.Stream;
import org.hibernate.Session;
import org.m365connector.events.AccountName;

/** What an administrator may want to know of a file that is taken all the same, as it is said of a single assignment. */
@ApplicationScoped
class ImportWarnings {
    private static final int TOLD = 100;

    /** Whom the portal has told of neither himself nor in what it told of its users. */
    private static final String UNKNOWN = """
            from import_row r where import_id = :import and accounts is not null and case kind
              when 'USER' then not exists (select 1 from portal_user where portal_id = :portal and portal_user = r.id)
              when 'GROUP' then not exists (select 1 from portal_group where portal_id = :portal and kind = 'GROUP' and id = r.id)
                and not exists (select 1 from portal_user where portal_id = :portal and member_of @> array[r.id])
              when 'ROLE' then not exists (select 1 from portal_group where portal_id = :portal and kind = 'ROLE' and id = r.id)
                and not exists (select 1 from portal_user where portal_id = :portal and roles @> array[r.id])
              else false end""";

    private final KnownAccounts accounts;
    private final EntityManager entities;

    ImportWarnings(KnownAccounts accounts, EntityManager entities) {
        this.accounts = accounts;
        this.entities = entities;
    }

    /**
     * @param count of all
     * @param first the first hundred
     */
    record Told(long count, List<Warning> first) {}

    Told of(AssignmentImport.Order order, List<AccountName> named) {
        var ofAccounts = accounts.warnings(order.portal(), order.registration(), named);
        long unknown = session()
                .createNativeQuery("select count(*) " + UNKNOWN, Long.class)
                .setParameter("import", order.id())
                .setParameter("portal", order.portal().value())
                .getSingleResult();
        var principals = unknown == 0
                ? List.<String>of()
                : session()
                        .createNativeQuery("select id " + UNKNOWN + " order by line limit :told", String.class)
                        .setParameter("import", order.id())
                        .setParameter("portal", order.portal().value())
                        .setParameter("told", TOLD)
                        .getResultList();
        return new Told(
                ofAccounts.size() + unknown,
                Stream.concat(
                                ofAccounts.stream(),
                                principals.stream().map(id -> new Warning(Warning.Kind.PRINCIPAL_UNKNOWN, id)))
                        .limit(TOLD)
                        .toList());
    }

    private Session session() {
        return entities.unwrap(Session.class);
    }
}
