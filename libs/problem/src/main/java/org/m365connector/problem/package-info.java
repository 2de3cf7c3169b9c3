/**
 * Errors as RFC 9457 problem details: a stable slug, texts in German and English by {@code Accept-Language}, and a page per slug
 * at {@code /problems/<slug>}. Never a class name, a stack, a token or a secret.
 */
package org.m365connector.problem;
