package org.m365connector.graphproxy.forward;

import org.m365connector.graphproxy.account.ActingAccount;

/** What a call may do: act as this account, at this Graph. True at the moment in which it was asked for. */
record Admission(ActingAccount account, GraphHost host) {}
