package org.m365connector.sync.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.m365connector.backends.BackendsTestResource;
import org.m365connector.emulator.Seed;
import org.m365connector.sync.GraphStandIn;
import org.m365connector.sync.Microsoft;

/** Where Graph cannot reach us at all there are rounds by the timer only; those of the reconciliation would come too late here. */
@QuarkusTest
@WithTestResource(value = BackendsTestResource.class, initArgs = @ResourceArg(name = "schema", value = "sync"))
@WithTestResource(
        value = GraphStandIn.class,
        initArgs = {
            @ResourceArg(name = "m365.public.notification-url", value = ""),
            @ResourceArg(name = "m365.sync.polling.teams-interval", value = "2S"),
            @ResourceArg(name = "m365.sync.round.mail-interval", value = "1H"),
            @ResourceArg(name = "m365.sync.round.teams-interval", value = "1H")
        })
class NoPublicAddressIT {
    private final Microsoft microsoft = new Microsoft();
    private WatchesOfTests watches;

    @BeforeEach
    void onboard() {
        microsoft.calm();
        watches = new WatchesOfTests();
    }

    @AfterEach
    void leave() {
        microsoft.calm();
        watches.close();
    }

    private String watchChannel() {
        return watches.watch("{'kind':'channel','resource':{'teamId':'" + Seed.TEAM_ID + "','channelId':'"
                + Seed.GENERAL_ID + "'},'portaluser':'ADA'}");
    }

    private void isPolled(String watch, String every, long callsPerDay) {
        assertThat(watches.get(watch).getString("updates.mode")).isEqualTo("polling");
        assertThat(watches.get(watch).getString("updates.reason")).isEqualTo("no-public-address");
        assertThat(watches.get(watch).getString("updates.every")).isEqualTo(every);
        assertThat(watches.get(watch).getLong("updates.callsPerDay")).isEqualTo(callsPerDay);
        assertThat(watches.get(watch).getString("subscription")).isNull();
        assertThat(microsoft.subscriptions()).isEmpty();
    }

    @Test
    void mailIsPolled() {
        String watch = watches.watch("{'kind':'mail-folder','resource':{'folder':'inbox'},'portaluser':'CLARA'}");
        isPolled(watch, "PT1S", 86_400);

        for (int mails = 1; mails <= 2; mails++) {
            microsoft.activity("{'kind':'mail','op':'create','mailbox':'" + Seed.CLARA + "'}");
            watches.awaitChanges("mail-created.v1", mails);
        }
    }

    @Test
    void teamsArePolledWhereTheOperatorHasChosenIt() {
        String watch = watchChannel();
        isPolled(watch, "PT2S", 43_200);

        for (int messages = 1; messages <= 2; messages++) {
            microsoft.activity("{'kind':'channelMessage','op':'create','content':'Milestone'}");
            watches.awaitChanges("channel-message-created.v1", messages);
        }
    }

    @Test
    void everyReplyOfALongThreadIsFound() {
        microsoft.switches("{'paging':{'channelReplies':{'expanded':3},'channelMessages':{'default':2}}}");
        watchChannel();
        String root = microsoft
                .activity("{'kind':'channelMessage','op':'create','content':'Question'}")
                .at("/ids/0")
                .asText();

        microsoft.activity("{'kind':'channelMessage','op':'create','count':10,'replyTo':'" + root + "'}");

        await().atMost(Duration.ofMinutes(3))
                .until(() -> watches.changesOf("channel-message-created.v1").size() == 11);
    }
}
