package org.m365connector.emulator.graph.contacts;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;
import org.m365connector.emulator.graph.delta.DeltaRounds;
import org.m365connector.emulator.graph.protocol.Call;
import org.m365connector.emulator.graph.protocol.GraphError;
import org.m365connector.emulator.graph.protocol.Json;
import org.m365connector.emulator.graph.protocol.Properties;
import org.m365connector.emulator.graph.protocol.Reply;
import org.m365connector.emulator.graph.protocol.Route;
import org.m365connector.emulator.graph.protocol.RouteTable;
import org.m365connector.emulator.graph.protocol.Workload;
import org.m365connector.emulator.graph.switches.Switches;

/** The calls of contacts. Without a folder the standard one is meant; a single contact is found wherever it is. */
final class ContactCalls {

    static final Properties PROPERTIES = new Properties(
            "microsoft.graph.contact",
            "id",
            "birthday",
            "businessAddress",
            "businessHomePage",
            "businessPhones",
            "categories",
            "changeKey",
            "companyName",
            "createdDateTime",
            "department",
            "displayName",
            "emailAddresses",
            "fileAs",
            "givenName",
            "homeAddress",
            "homePhones",
            "jobTitle",
            "lastModifiedDateTime",
            "mobilePhone",
            "officeLocation",
            "parentFolderId",
            "personalNotes",
            "surname");

    private static final Set<String> SERVER_MADE =
            Set.of("id", "changeKey", "createdDateTime", "lastModifiedDateTime", "parentFolderId");
    private static final List<String> LISTS = List.of("businessPhones", "categories", "emailAddresses", "homePhones");
    private static final List<String> TEXTS = List.of(
            "companyName",
            "department",
            "displayName",
            "fileAs",
            "givenName",
            "jobTitle",
            "mobilePhone",
            "officeLocation",
            "personalNotes",
            "surname");

    private final Contacts contacts;
    private final DeltaRounds deltas;
    private final Switches switches;

    ContactCalls(Contacts contacts, DeltaRounds deltas, Switches switches) {
        this.contacts = contacts;
        this.deltas = deltas;
        this.switches = switches;
    }

    void addTo(RouteTable routes) {
        String standard = "/users/{id}/contacts";
        String folder = "/users/{id}/contactFolders/{id}";
        add(routes, "GET", "/users/{id}/contactFolders", this::listFolders);
        add(routes, "POST", "/users/{id}/contactFolders", this::createFolder);
        add(routes, "GET", folder, this::getFolder);
        add(routes, "DELETE", folder, this::deleteFolder);
        for (String list : List.of(standard, folder + "/contacts")) {
            add(routes, "GET", list, this::list);
            add(routes, "POST", list, this::create);
            add(routes, "GET", list + "/delta", this::delta);
            add(routes, "GET", list + "/{id}", this::get);
            add(routes, "PATCH", list + "/{id}", this::update);
            add(routes, "DELETE", list + "/{id}", this::delete);
        }
    }

    private static void add(RouteTable routes, String method, String template, Function<Call, Reply> handler) {
        routes.add(Route.of(method, template, Workload.OUTLOOK, handler));
    }

    private ContactBook opened(Call call) {
        return contacts.opened(call.caller(), call.owner());
    }

    private static boolean inFolder(Call call) {
        return call.template().toLowerCase(Locale.ROOT).contains("/contactfolders/{id}/contacts");
    }

    private static ContactBook.Folder folder(Call call, ContactBook book) {
        return inFolder(call) ? book.folder(call.id(1)) : book.standard();
    }

    private static Contact found(Call call, ContactBook book) {
        if (!inFolder(call)) {
            return book.contact(call.id(1));
        }
        Contact contact = book.contact(call.id(2));
        if (!contact.folderId.equals(book.folder(call.id(1)).id())) {
            throw GraphError.itemNotFound();
        }
        return contact;
    }

    private Reply listFolders(Call call) {
        ContactBook book = opened(call);
        ObjectNode page = Json.object().put("@odata.context", call.context(user(book) + "/contactFolders"));
        ArrayNode value = page.putArray("value");
        book.otherFolders().forEach(one -> value.add(shown(book, one)));
        return Reply.ok(page);
    }

    private Reply getFolder(Call call) {
        ContactBook book = opened(call);
        ObjectNode shown = Json.object().put("@odata.context", call.context(user(book) + "/contactFolders/$entity"));
        return Reply.ok(shown.setAll(shown(book, book.folder(call.id(1)))));
    }

    private Reply deleteFolder(Call call) {
        ContactBook book = opened(call);
        book.removeFolder(book.folder(call.id(1)));
        return Reply.noContent();
    }

    private Reply createFolder(Call call) {
        ContactBook book = opened(call);
        String name = call.body().path("displayName").asText("");
        if (name.isBlank()) {
            throw GraphError.of(400, "ErrorInvalidArgument", "The folder needs a display name.");
        }
        ObjectNode shown = Json.object().put("@odata.context", call.context(user(book) + "/contactFolders/$entity"));
        return Reply.created(shown.setAll(shown(book, book.makeFolder(name))));
    }

    private static ObjectNode shown(ContactBook book, ContactBook.Folder folder) {
        return Json.object()
                .put("id", folder.id())
                .put("displayName", folder.displayName())
                .put("parentFolderId", book.standard().id());
    }

    private Reply list(Call call) {
        ContactBook book = opened(call);
        List<Contact> all = book.in(folder(call, book));
        int size = Math.min(
                switches.number("paging.contacts.max"),
                call.query()
                        .number("top", 1)
                        .or(() -> call.prefer().maxPageSize())
                        .orElse(switches.number("paging.contacts.default")));
        int from = Math.min(call.query().number("skip", 0).orElse(0), all.size());
        int to = Math.min(from + size, all.size());
        List<String> selected = PROPERTIES.select(call.query());
        ObjectNode page = Json.object().put("@odata.context", call.context(user(book) + "/contacts"));
        ArrayNode value = page.putArray("value");
        boolean immutable = call.prefer().immutableIds();
        all.subList(from, to).forEach(contact -> value.add(Properties.only(contact.shown(immutable), selected)));
        if (to < all.size()) {
            page.put("@odata.nextLink", call.link(call.query().with("skip", Integer.toString(to))));
        }
        return Reply.ok(page);
    }

    private Reply delta(Call call) {
        ContactBook book = opened(call);
        return deltas.page(call, new ContactDelta(book, folder(call, book), switches));
    }

    private Reply get(Call call) {
        ContactBook book = opened(call);
        return Reply.ok(shown(call, book, found(call, book)));
    }

    private Reply create(Call call) {
        ContactBook book = opened(call);
        Contact made = book.add(folder(call, book), content(call.body()));
        return Reply.created(shown(call, book, made));
    }

    private Reply update(Call call) {
        ContactBook book = opened(call);
        Contact contact = found(call, book);
        book.change(contact, written(call.body()));
        return Reply.ok(shown(call, book, contact));
    }

    private Reply delete(Call call) {
        ContactBook book = opened(call);
        book.delete(found(call, book));
        return Reply.noContent();
    }

    private static ObjectNode shown(Call call, ContactBook book, Contact contact) {
        ObjectNode shown = Json.object().put("@odata.context", call.context(user(book) + "/contacts/$entity"));
        return shown.setAll(
                Properties.only(contact.shown(call.prefer().immutableIds()), PROPERTIES.select(call.query())));
    }

    private static String user(ContactBook book) {
        return "users('" + book.owner().oid() + "')";
    }

    /** A new contact with everything that Exchange fills in. */
    static ObjectNode content(ObjectNode input) {
        ObjectNode content = Json.object();
        TEXTS.forEach(content::putNull);
        LISTS.forEach(content::putArray);
        content.setAll(written(input));
        if (content.path("displayName").isNull()) {
            content.put(
                    "displayName",
                    (content.path("givenName").asText("") + " "
                                    + content.path("surname").asText(""))
                            .strip());
        }
        if (content.path("fileAs").isNull()) {
            content.put("fileAs", content.path("displayName").asText());
        }
        return content;
    }

    /** What a client may write; what only the service writes is left out silently, as Exchange does. */
    static ObjectNode written(ObjectNode input) {
        PROPERTIES.check(input);
        ObjectNode written = Json.object();
        input.properties().forEach(entry -> {
            String name = PROPERTIES.canonical(entry.getKey()).orElse(entry.getKey());
            JsonNode value = entry.getValue();
            if (LISTS.contains(name) && !value.isArray()) {
                throw GraphError.of(
                        400,
                        "RequestBodyRead",
                        "Cannot convert the literal '" + value.asText() + "' to the expected type of property '" + name
                                + "'.");
            }
            if (!name.contains("@") && !SERVER_MADE.contains(name)) {
                written.set(name, value.deepCopy());
            }
        });
        return written;
    }
}
