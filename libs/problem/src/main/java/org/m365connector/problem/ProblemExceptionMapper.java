package org.m365connector.problem;

import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.ext.ExceptionMapper;
import jakarta.ws.rs.ext.Provider;

/** Answers a {@link ProblemException}. */
@Provider
public final class ProblemExceptionMapper implements ExceptionMapper<ProblemException> {

    @Context
    HttpHeaders requestHeaders;

    @Override
    public Response toResponse(ProblemException problem) {
        Response.ResponseBuilder response = Response.status(problem.type().status())
                .type(Problems.MEDIA_TYPE)
                .header("X-M365-Problem", problem.type().slug())
                .entity(Problems.body(
                        problem, Problems.language(requestHeaders.getHeaderString(HttpHeaders.ACCEPT_LANGUAGE))));
        problem.headers().forEach(response::header);
        return response.build();
    }
}
