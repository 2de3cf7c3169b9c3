package org.m365connector.auth;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import jakarta.ws.rs.Path;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class ArchitectureTest {

    private final JavaClasses all = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("org.m365connector.auth");

    @Test
    void featuresHaveNoCycles() {
        slices().matching("org.m365connector.auth.(*)..")
                .should()
                .beFreeOfCycles()
                .check(all);
    }

    @Test
    void resourcesReachNoRepository() {
        noClasses()
                .that()
                .areAnnotatedWith(Path.class)
                .should()
                .dependOnClassesThat()
                .areAssignableTo(PanacheRepositoryBase.class)
                .check(all);
    }

    @Test
    void theTimeIsReadFromTheClock() {
        noClasses()
                .that()
                .doNotHaveFullyQualifiedName("org.m365connector.auth.TimeSource")
                .should()
                .callMethod(Instant.class, "now")
                .check(all);
    }

    @Test
    void nobodyEmitsBesideTheOutbox() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .haveFullyQualifiedName("org.eclipse.microprofile.reactive.messaging.Emitter")
                .orShould()
                .dependOnClassesThat()
                .haveFullyQualifiedName("org.apache.kafka.clients.producer.KafkaProducer")
                .check(all);
    }

    @Test
    void onlyTheEntraPackageTalksToEntra() {
        noClasses()
                .that()
                .resideOutsideOfPackage("org.m365connector.auth.entra..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("java.net.http..")
                .check(all);
        classes().that().haveSimpleName("EntraHttp").should().bePackagePrivate().check(all);
    }
}
