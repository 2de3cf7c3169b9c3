package org.m365connector.view;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class SlotTableTest {
    private final SlotTable table = new SlotTable();

    @Test
    void holdsWhatAMapWouldHold() {
        var random = new Random(20261129);
        var map = new HashMap<String, Slot>();
        for (int i = 0; i < 200_000; i++) {
            var slot = slot("key" + random.nextInt(20_000), i);
            if (random.nextInt(3) > 0) {
                table.put(slot);
                map.put(slot.key(), slot);
            } else {
                table.remove(slot);
                map.remove(slot.key());
            }
        }

        assertThat(table.size()).isEqualTo(map.size());
        for (int i = 0; i < 20_000; i++) {
            assertThat(table.get(slot("key" + i, 0))).isSameAs(map.get("key" + i));
        }
        var visited = new HashMap<String, Slot>();
        table.forEach(slot -> assertThat(visited.put(slot.key(), slot)).isNull());
        assertThat(visited).isEqualTo(map);
    }

    @Test
    void slotsOfOneHashAreKeptApart() {
        // Texts of the same hash.
        for (var key : new String[] {"AaAa", "BBBB", "AaBB", "BBAa"}) {
            table.put(slot(key, 1));
        }
        table.remove(slot("AaAa", 0));

        assertThat(table.get(slot("AaAa", 0))).isNull();
        assertThat(table.get(slot("BBAa", 0)).key()).isEqualTo("BBAa");
        table.put(slot("BBAa", 2));
        assertThat(table.get(slot("BBAa", 0)).version()).isEqualTo(2);
        assertThat(table.size()).isEqualTo(3);
    }

    @Test
    void whoReadsWhileItGrowsAlwaysFindsWhatStaysAndNeverAnOlderVersionAgain() throws Exception {
        for (int i = 0; i < 100; i++) {
            table.put(slot("stays" + i, 0));
        }
        var ends = new AtomicBoolean();
        var readers = Executors.newFixedThreadPool(2);
        var failures = readers.submit((Callable<ArrayList<String>>) () -> {
            var wrong = new ArrayList<String>();
            Map<String, Long> last = new HashMap<>();
            while (!ends.get()) {
                for (int i = 0; i < 100; i++) {
                    var found = table.get(slot("stays" + i, 0));
                    if (found == null || found.version() < last.getOrDefault("stays" + i, 0L)) {
                        wrong.add("stays" + i + " " + found);
                    } else {
                        last.put("stays" + i, found.version());
                    }
                }
            }
            return wrong;
        });
        for (int i = 1; i < 300_000; i++) {
            table.put(slot("comes" + i, i));
            table.put(slot("stays" + i % 100, i));
            if (i % 3 == 0) {
                table.remove(slot("comes" + i / 3, 0));
            }
        }
        ends.set(true);

        assertThat(failures.get()).isEmpty();
        readers.shutdown();
    }

    private static Slot slot(String key, long version) {
        return new Slot.Whole(key, version, key);
    }
}
