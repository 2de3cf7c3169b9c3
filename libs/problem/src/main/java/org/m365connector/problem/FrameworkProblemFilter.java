package org.m365connector.problem;

import io.quarkiverse.resteasy.problem.HttpProblem;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerResponseContext;
import jakarta.ws.rs.container.ContainerResponseFilter;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.ext.Provider;
import java.util.Locale;
import java.util.Map;

/**
 * Gives the problems that the framework finds (unknown path, unreadable JSON, failed validation …) a slug and texts like ours.
 * What it says of a client's error is kept, for it names the field; of a server's error nothing is kept.
 */
@Provider
public final class FrameworkProblemFilter implements ContainerResponseFilter {

    @Override
    public void filter(ContainerRequestContext request, ContainerResponseContext response) {
        int status = response.getStatus();
        if (status < 400) {
            return;
        }
        Object entity = response.getEntity();
        if (entity instanceof HttpProblem problem && problem.getType() == null) {
            answer(request, response, problem.getStatusCode(), problem.getDetail(), problem.getParameters());
        } else if (entity == null && !response.getHeaders().containsKey("X-M365-Problem")) {
            answer(request, response, status, null, Map.of());
        }
    }

    private static void answer(
            ContainerRequestContext request,
            ContainerResponseContext response,
            int status,
            String detail,
            Map<String, Object> members) {
        Locale language = Problems.language(request.getHeaderString(HttpHeaders.ACCEPT_LANGUAGE));
        RequestProblem type = RequestProblem.ofStatus(status);
        boolean telling = detail != null && status < 500;
        Map<String, Object> body = Problems.body(
                type, telling ? detail : ProblemTexts.of(type, language).detail(), language);
        body.put("status", status);
        if (status < 500) {
            members.forEach(body::putIfAbsent);
        }
        response.getHeaders().putSingle("X-M365-Problem", type.slug());
        response.setEntity(body, null, MediaType.valueOf(Problems.MEDIA_TYPE));
    }
}
