package org.m365connector.sync.watch;

import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;
import org.m365connector.sync.SyncProblem;
import org.m365connector.sync.entitlement.Entitlements;

/** What the API shows of a watch, put together from what the features know. To be asked within a transaction. */
@ApplicationScoped
class WatchViews {
    private final Watches watches;
    private final Containers containers;
    private final SubscriptionViews subscriptions;
    private final Entitlements entitlements;
    private final PollingConfig polling;

    WatchViews(
            Watches watches,
            Containers containers,
            SubscriptionViews subscriptions,
            Entitlements entitlements,
            PollingConfig polling) {
        this.watches = watches;
        this.containers = containers;
        this.subscriptions = subscriptions;
        this.entitlements = entitlements;
        this.polling = polling;
    }

    WatchView of(Watch watch) {
        Optional<Container> container = Optional.ofNullable(watch.containerId).map(containers::findById);
        Optional<WatchView.SubscriptionView> subscription = container.flatMap(found -> subscriptions.of(found.id()));
        Optional<String> whyPolled = container.flatMap(found -> subscriptions.whyPolled(found.id()));
        boolean gone = container.filter(found -> found.absence().isGone()).isPresent();
        Optional<String> problem = gone
                ? Optional.of(SyncProblem.CONTAINER_GONE.slug())
                : Optional.ofNullable(watch.problem).or(() -> container.flatMap(Container::problem));
        boolean goesOn = watch.state() == Watch.State.NEW || watch.state() == Watch.State.WATCHING;
        boolean served =
                !goesOn || entitlements.allow(watch.portal(), watch.kind().feature());
        return new WatchView(
                watch.id,
                watch.portal,
                watch.registration,
                watch.kind(),
                watch.thing(),
                Optional.ofNullable(watch.portalUser),
                Optional.ofNullable(watch.account),
                watch.filterAsAsked(),
                watch.content,
                watch.includeOwn,
                watch.rich,
                served ? stateName(watch, container, subscription, whyPolled) : "paused",
                served ? problem : Optional.of(Entitlements.REFUSED),
                watch.createdAt,
                container.map(Container::path),
                subscription,
                container.filter(found -> !gone).map(found -> Updates.of(whyPolled, watch.kind(), polling)),
                container.map(Container::sync).map(sync -> sync(watch, sync)),
                container.flatMap(Container::lastHintAt),
                container.flatMap(Container::lastRoundAt),
                container.map(Container::hasUnservedHints).orElse(false));
    }

    private WatchView.SyncView sync(Watch watch, Sync sync) {
        return new WatchView.SyncView(
                sync.first() ? "first" : "full",
                !sync.isRunning(),
                sync.pages(),
                sync.items(),
                sync.begunAt(),
                sync.endedAt(),
                watch.kind().part().map(kind -> watches.syncOfParts(watch.id)));
    }

    private String stateName(
            Watch watch,
            Optional<Container> container,
            Optional<WatchView.SubscriptionView> subscription,
            Optional<String> whyPolled) {
        return switch (watch.state()) {
            case NEW -> "pending";
            case REFUSED -> "refused";
            case ENDING -> "ending";
            case WATCHING -> {
                if (container.filter(found -> found.absence().isGone()).isPresent()) {
                    yield "gone";
                }
                boolean subscribed = whyPolled.isPresent()
                        || subscription.flatMap(WatchView.SubscriptionView::id).isPresent();
                boolean begun = container.map(found -> !found.baseline()).orElse(false);
                boolean parts = watch.kind().part().isEmpty()
                        || !watches.partsArePending(
                                watch.id,
                                subscriptions.wanted() && !watch.kind().tellsOfParts());
                yield subscribed && begun && parts ? "active" : "pending";
            }
        };
    }
}
