package org.m365connector.assignment.assignment;

import com.fasterxml.jackson.core.JsonProcessingException;
import jakarta.persistence.Column;
import jakarta.persistence.Embeddable;
import jakarta.persistence.EmbeddedId;
import jakarta.persistence.Entity;
import jakarta.persistence.Table;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.Optional;
import org.m365connector.events.EventCodec;
import org.m365connector.events.PortalId;
import org.m365connector.events.RegistrationName;
import org.m365connector.events.RegistrationRecord;

/**
 * A registration as auth-service told of it. Its row is the lock for everything that is assigned under it: who changes
 * what users share holds it alone, who changes a user or his own rule shares it.
 */
@Entity
@Table(name = "registration")
class Registration {
    @EmbeddedId
    private Id id;

    @Column(name = "source_version")
    private long sourceVersion;

    private boolean active;

    private boolean initialised;

    @Column(name = "upn_field")
    private String upnField;

    /** Of the one that is made while this is still ending: its record, as JSON. */
    @Column(name = "begins_as")
    private String beginsAs;

    /** Portal and name, as the primary key. */
    @Embeddable
    record Id(
            @Column(name = "portal_id") String portalId,
            @Column(name = "name") String name) {
        static Id of(PortalId portal, RegistrationName name) {
            return new Id(portal.value(), name.value());
        }
    }

    Registration() {}

    Registration(PortalId portal, RegistrationName name) {
        id = Id.of(portal, name);
        sourceVersion = Long.MIN_VALUE;
        active = true;
    }

    /** One of whose life nothing has been heard. */
    static Registration ended(PortalId portal, RegistrationName name) {
        var registration = new Registration(portal, name);
        registration.end();
        return registration;
    }

    PortalId portal() {
        return new PortalId(id.portalId());
    }

    RegistrationName name() {
        return new RegistrationName(id.name());
    }

    /** Field of a portal user that holds his user principal name; empty until it has been told. */
    Optional<String> upnField() {
        return Optional.ofNullable(upnField);
    }

    /** @return whether it is another one than before */
    boolean takeUpnFrom(String field) {
        boolean isNew = !Objects.equals(upnField, field);
        upnField = field;
        return isNew;
    }

    boolean active() {
        return active;
    }

    /** Whether this is news; if so it is taken note of. */
    boolean advanceTo(long version) {
        if (version <= sourceVersion) {
            return false;
        }
        sourceVersion = version;
        return true;
    }

    /** Whether nothing newer than that version has been told of it. */
    boolean isAsOf(long version) {
        return sourceVersion <= version;
    }

    /** Whether this is the first time, since it last ended, that it is complete. */
    boolean initialise() {
        active = true;
        if (initialised) {
            return false;
        }
        initialised = true;
        return true;
    }

    /** A registration of the same name that is made later begins from the beginning. */
    void end() {
        active = false;
        initialised = false;
        beginsAs = null;
    }

    /** One of this name has been made, and begins when this one's assignments are gone. */
    void beginLater(RegistrationRecord as) {
        beginsAs = new String(EventCodec.bytes(as), StandardCharsets.UTF_8);
    }

    boolean isToBegin() {
        return beginsAs != null;
    }

    /** As it was told last; it is not to begin a second time. */
    Optional<RegistrationRecord> beginning() {
        if (beginsAs == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(EventCodec.json().readValue(beginsAs, RegistrationRecord.class));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a registration that is to begin cannot be read", e);
        } finally {
            beginsAs = null;
        }
    }
}
