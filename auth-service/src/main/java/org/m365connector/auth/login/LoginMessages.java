package org.m365connector.auth.login;

import io.quarkus.qute.i18n.Message;
import io.quarkus.qute.i18n.MessageBundle;

/** Texts of the login pages; English stands in {@code messages/login.properties}, German beside it. */
@MessageBundle("login")
public interface LoginMessages {

    @Message
    String page_title();

    @Message
    String title(Outcome outcome);

    @Message
    String text(Outcome outcome);

    @Message
    String names(String expected, String actual);

    @Message
    String lift_pin();

    @Message
    String code(String code);

    @Message
    String may_close();

    @Message
    String back();
}
