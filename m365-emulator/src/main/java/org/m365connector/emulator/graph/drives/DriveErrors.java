package org.m365connector.emulator.graph.drives;

import org.m365connector.emulator.graph.protocol.GraphError;

/** What OneDrive answers; its codes begin with a small letter. */
final class DriveErrors {

    private DriveErrors() {}

    static GraphError itemNotFound() {
        return GraphError.of(404, "itemNotFound", "The resource could not be found.");
    }

    static GraphError malformedDrive() {
        return invalid("The provided drive id appears to be malformed, or does not represent a valid drive.");
    }

    static GraphError invalid(String message) {
        return GraphError.of(400, "invalidRequest", message);
    }

    static GraphError notTheRoot() {
        return invalid("The root of a drive cannot be changed.");
    }

    static GraphError noContent() {
        return invalid("A folder has no content.");
    }

    static GraphError nameMissing() {
        return invalid("The name in the provided oneDrive.item is missing.");
    }

    static GraphError nameTaken() {
        return GraphError.of(409, "nameAlreadyExists", "The specified item name already exists.");
    }

    static GraphError accessDenied() {
        return GraphError.of(403, "accessDenied", "Access denied");
    }
}
