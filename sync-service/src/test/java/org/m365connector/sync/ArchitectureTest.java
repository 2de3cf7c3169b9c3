package org.m365connector.sync;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class ArchitectureTest {
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("org.m365connector.sync");

    @Test
    void featuresHaveNoCycles() {
        slices().matching("org.m365connector.sync.(*)..")
                .should()
                .beFreeOfCycles()
                .check(CLASSES);
    }

    @Test
    void resourcesReachNoRepository() {
        noClasses()
                .that()
                .haveSimpleNameEndingWith("Resource")
                .and()
                .areNotAnnotatedWith(jakarta.persistence.Entity.class)
                .should()
                .dependOnClassesThat()
                .areAssignableTo(PanacheRepositoryBase.class)
                .check(CLASSES);
    }

    @Test
    void timeComesFromTheClock() {
        noClasses().should().callMethod(Instant.class, "now").check(CLASSES);
    }

    @Test
    void doorNeedsNoDatabase() {
        noClasses()
                .that()
                .resideInAPackage("..door..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "java.sql..", "jakarta.persistence..", "..outbox..", "..watch..", "..subscription..")
                .check(CLASSES);
    }
}
