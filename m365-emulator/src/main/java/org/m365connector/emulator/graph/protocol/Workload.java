package org.m365connector.emulator.graph.protocol;

import java.util.List;

/** The service behind a call. Each refuses in its own words. */
public enum Workload {
    OUTLOOK {
        @Override
        public GraphError missingPermission(Caller caller, List<String> needed) {
            return GraphError.outlookAccessDenied();
        }

        @Override
        public GraphError personalAccount() {
            return GraphError.outlookAccessDenied();
        }
    },
    TEAMS {
        @Override
        public GraphError missingPermission(Caller caller, List<String> needed) {
            String what = caller.isApp() ? "role" : "scope";
            String held = caller.isApp() ? "Roles" : "Scopes";
            return GraphError.forbidden("Missing " + what + " permissions on the request. API requires one of '"
                    + String.join(", ", needed) + "'. " + held + " on the request '" + caller.permissionsText() + "'");
        }

        @Override
        public GraphError personalAccount() {
            return GraphError.forbidden("This API is not supported for personal Microsoft accounts.");
        }

        @Override
        public GraphError unsupportedContext(Caller caller) {
            return GraphError.contextNotSupported(caller.isApp());
        }
    },
    ONEDRIVE {
        @Override
        public GraphError missingPermission(Caller caller, List<String> needed) {
            return GraphError.of(403, "accessDenied", "Access denied");
        }

        @Override
        public GraphError personalAccount() {
            return GraphError.of(403, "accessDenied", "Access denied");
        }
    },
    DIRECTORY {
        @Override
        public GraphError missingPermission(Caller caller, List<String> needed) {
            return GraphError.insufficientPrivileges();
        }

        @Override
        public GraphError personalAccount() {
            return GraphError.insufficientPrivileges();
        }
    };

    /** 403 of this service for a token that lacks all of the needed permissions. */
    public abstract GraphError missingPermission(Caller caller, List<String> needed);

    /** 403 of this service for a personal Microsoft account where it serves none. */
    public abstract GraphError personalAccount();

    /** Refusal of this service where no permission of the caller's kind would do. */
    public GraphError unsupportedContext(Caller caller) {
        return missingPermission(caller, List.of());
    }
}
