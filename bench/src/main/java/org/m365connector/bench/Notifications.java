package org.m365connector.bench;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** A POST of Graph's with so many items of 1 KiB each, which carry the mark of our watches; numbered anew for each sending. */
final class Notifications {

    private static final int ITEM_BYTES = 1024;
    private static final int DIGITS = 8;
    private static final String NUMBER = "#".repeat(DIGITS);

    private final byte[] request;
    private final List<Integer> numbers = new ArrayList<>();

    /** @param watches from how many different watches its items come */
    Notifications(int port, int items, int watches) {
        StringBuilder body = new StringBuilder("{\"value\":[");
        for (int i = 0; i < items; i++) {
            body.append(i == 0 ? "" : ",").append(item(i, i % watches));
        }
        String json = body.append("]}").toString();
        String head = "POST /notifications HTTP/1.1\r\nHost: localhost:" + port
                + "\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: " + json.length() + "\r\n\r\n";
        String whole = head + json;
        for (int at = whole.indexOf(NUMBER); at >= 0; at = whole.indexOf(NUMBER, at + DIGITS)) {
            numbers.add(at);
        }
        request = whole.getBytes(StandardCharsets.US_ASCII);
    }

    private static String item(int index, int watch) {
        String id = String.format(Locale.ROOT, "AAMkAGI%s-%03d", NUMBER, index);
        String item = String.format(
                Locale.ROOT,
                "{\"subscriptionId\":\"%s\",\"subscriptionExpirationDateTime\":\"2026-12-01T11:00:00.0000000Z\","
                        + "\"changeType\":\"created\",\"resource\":\"Users/a0000000-0000-4000-8000-00000000000a/Messages/%s\","
                        + "\"clientState\":\"%s\",\"tenantId\":\"7e0ad5c1-2f4a-4c1b-9a52-3f0c8d5e1a01\",\"resourceData\":{"
                        + "\"@odata.type\":\"#Microsoft.Graph.Message\",\"@odata.etag\":\"W/\\\"~\\\"\"}}",
                new UUID(7, watch),
                id,
                clientState("watch-" + watch));
        return item.replace("~", "C".repeat(Math.max(1, ITEM_BYTES - item.length() + 1)));
    }

    private static String clientState(String watch) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(Door.STATE_KEY.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
            byte[] mark = mac.doFinal(watch.getBytes(StandardCharsets.UTF_8));
            return watch + "." + Base64.getUrlEncoder().withoutPadding().encodeToString(mark);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The request with this number in the name of each of its resources; the same array each time. */
    byte[] numbered(int number) {
        byte[] digits = String.format(Locale.ROOT, "%0" + DIGITS + "d", number).getBytes(StandardCharsets.US_ASCII);
        for (int at : numbers) {
            System.arraycopy(digits, 0, request, at, DIGITS);
        }
        return request;
    }

    /** Which of the numbers a resource carries, and which of the items of its request it was: {@code number * items + item}. */
    static long item(String resource, int items) {
        int dash = resource.lastIndexOf('-');
        long number = Long.parseLong(resource.substring(dash - DIGITS, dash));
        return number * items + Integer.parseInt(resource.substring(dash + 1));
    }
}
