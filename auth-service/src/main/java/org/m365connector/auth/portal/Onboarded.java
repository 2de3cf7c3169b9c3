package org.m365connector.auth.portal;

import com.fasterxml.jackson.annotation.JsonUnwrapped;

/** A portal that has just been onboarded, with its first key, and how it reaches Kafka. */
record Onboarded(@JsonUnwrapped PortalView portal, NewKey key, KafkaAccess kafka) {}
