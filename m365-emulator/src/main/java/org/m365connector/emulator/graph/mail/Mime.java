package org.m365connector.emulator.graph.mail;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.m365connector.emulator.graph.protocol.Json;

/** Reads as much of a MIME mail as it takes to send it: recipients, subject, a body in one part. */
final class Mime {

    private Mime() {}

    static ObjectNode read(String mime) {
        int end = mime.replace("\r\n", "\n").indexOf("\n\n");
        if (end < 0) {
            throw new IllegalArgumentException("no header");
        }
        String unified = mime.replace("\r\n", "\n");
        ObjectNode mail = Json.object();
        for (String line : unified.substring(0, end).replaceAll("\n[ \t]+", " ").split("\n", -1)) {
            int colon = line.indexOf(':');
            String value = colon < 0 ? "" : line.substring(colon + 1).trim();
            String name = colon < 0 ? "" : line.substring(0, colon);
            if (name.equalsIgnoreCase("Subject")) {
                mail.put("subject", value);
            } else if (List.of("to", "cc", "bcc").contains(name.toLowerCase(java.util.Locale.ROOT))) {
                ArrayNode list = mail.putArray(name.toLowerCase(java.util.Locale.ROOT) + "Recipients");
                for (String address : value.split(",", -1)) {
                    String bare = address.replaceAll(".*<(.*)>.*", "$1").trim();
                    list.addObject().putObject("emailAddress").put("address", bare);
                }
            }
        }
        mail.putObject("body").put("contentType", "text").put("content", unified.substring(end + 2));
        return mail;
    }
}
