package org.m365connector.graphproxy.forward;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.net.impl.ConnectionBase;
import org.m365connector.graphproxy.token.Token;

/**
 * Puts a call's token on its request when that becomes bytes. Among Vert.x' headers it would be checked, made a text and turned into bytes
 * again, character by character, 1,500 of them in each call; here it is copied as it is.
 *
 * <p>One for each connection, which has one request under way at a time. What comes by and has not been handed a token goes out without
 * one, and Graph refuses it.
 */
final class TokenHandler extends ChannelOutboundHandlerAdapter {

    private static final String NAME = "token";

    /** Of the request that is sent next; used up by it. */
    private Token next;

    private TokenHandler() {}

    /** @return whether the connection's next request takes it along; if not, it has to be among the request's headers */
    static boolean handOver(HttpConnection connection, Token token) {
        if (!(connection instanceof ConnectionBase known)) {
            return false;
        }
        Channel channel = known.channel();
        if (!channel.eventLoop().inEventLoop()) {
            return false;
        }
        TokenHandler handler = channel.pipeline().get(TokenHandler.class);
        if (handler == null) {
            handler = new TokenHandler();
            channel.pipeline().addBefore(known.channelHandlerContext().name(), NAME, handler);
        }
        handler.next = token;
        return true;
    }

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
        if (message instanceof HttpRequest request) {
            Token token = next;
            next = null;
            if (token != null && !request.headers().contains(HttpHeaderNames.AUTHORIZATION)) {
                request.headers().set(HttpHeaderNames.AUTHORIZATION, token.authorization());
            }
        }
        // Whoever waits for it holds the promise.
        var unused = context.write(message, promise);
    }
}
