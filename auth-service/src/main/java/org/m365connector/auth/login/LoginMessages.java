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
    String lift_pin();

    @Message
    String code(String code);

    @Message
    String may_close();

    @Message
    String back();

    @Message
    String expected();

    @Message
    String signed_in_as();

    @Message
    String granted();

    @Message
    String lacking();

    @Message
    String other_account();

    @Message
    String try_again();

    @Message
    String for_administrator();

    @Message
    String correct_name();

    @Message
    String give_consent();

    @Message
    String start_title();

    @Message
    String start_as();

    @Message
    String start_next();

    @Message
    String start_step_agree();

    @Message
    String start_step_back();

    @Message
    String start_button();

    @Message
    String start_not_expected();

    @Message
    String go_title();

    @Message
    String go_link();

    @Message
    String place(String portal, String registration, String account);

    @Message
    String start_user(String portal);

    @Message
    String start_static(String portal, String account);

    @Message
    String start_step_microsoft(String host);

    @Message
    String start_valid(String time);
}
