package org.m365connector.access;

import io.quarkus.arc.DefaultBean;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.m365connector.events.PortalId;
import org.m365connector.events.PortalRecord;
import org.m365connector.events.PortalState;
import org.m365connector.view.Views;

/** The keys as {@code m365.portals} tells them, in memory. A service that owns the keys brings a bean of its own instead. */
@DefaultBean
@ApplicationScoped
public class PortalKeyView implements PortalKeys {

    private final Views views;
    private final Map<String, PortalId> portalOfKeyHash = new ConcurrentHashMap<>();

    PortalKeyView(Views views) {
        this.views = views;
    }

    void start(@Observes StartupEvent event) {
        views.portals().onChange((key, old, now) -> {
            now.ifPresent(this::add);
            old.ifPresent(before -> removeAllBut(now, before));
        });
    }

    private void add(PortalRecord portal) {
        if (portal.state() == PortalState.ACTIVE) {
            portal.keyHashes().forEach(hash -> portalOfKeyHash.put(hash, portal.portalId()));
        }
    }

    private void removeAllBut(Optional<PortalRecord> now, PortalRecord before) {
        for (String hash : before.keyHashes()) {
            boolean stays = now.isPresent()
                    && now.get().state() == PortalState.ACTIVE
                    && now.get().keyHashes().contains(hash);
            if (!stays) {
                portalOfKeyHash.remove(hash, before.portalId());
            }
        }
    }

    @Override
    public Optional<PortalId> portalOf(String keyHash) {
        return Optional.ofNullable(portalOfKeyHash.get(keyHash));
    }
}
