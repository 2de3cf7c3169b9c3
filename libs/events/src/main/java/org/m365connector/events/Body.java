package org.m365connector.events;

/**
 * Text of a mail or a Teams message.
 *
 * @param contentType {@code text} or {@code html}; {@code text} where it is missing
 */
public record Body(String contentType, String content) {

    public Body {
        contentType = contentType == null ? "text" : contentType;
        if (!contentType.equals("text") && !contentType.equals("html")) {
            throw new IllegalArgumentException("body.contentType is neither text nor html");
        }
        if (content == null) {
            throw new IllegalArgumentException("body.content is missing");
        }
    }

    /** Leaves the text out: nobody's mail belongs in a log. */
    @Override
    public String toString() {
        return "Body[contentType=" + contentType + ", content=" + content.length() + " characters]";
    }
}
