package org.m365connector.sync.round;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.microsoft.graph.models.Contact;
import com.microsoft.graph.models.EmailAddress;
import com.microsoft.graph.serviceclient.GraphServiceClient;
import com.microsoft.graph.users.item.contacts.ContactsRequestBuilder;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.m365connector.sync.change.Item;
import org.m365connector.sync.graph.GraphAccess;

/** Contacts of one folder, or of somebody's standard one, by their immutable ids. One that goes to another folder is gone here. */
final class ContactsReader implements ContainerReader {
    private static final String[] PLACE = {"id", "parentFolderId"};

    private final GraphServiceClient client;
    private final String path;
    private final String user;
    private final Optional<String> folder;
    private final int pageSize;

    /** Id of the standard folder, as soon as something in it was shown. */
    private Optional<String> standard = Optional.empty();

    /**
     * @param path of the container
     * @param folder empty for the standard one
     */
    ContactsReader(GraphServiceClient client, String path, String user, Optional<String> folder, int pageSize) {
        this.client = client;
        this.path = path;
        this.user = user;
        this.folder = folder;
        this.pageSize = pageSize;
    }

    @Override
    public DeltaPage read(Optional<String> link) {
        return folder.map(id -> ofFolder(id, link)).orElseGet(() -> ofStandard(link));
    }

    private DeltaPage ofStandard(Optional<String> link) {
        var delta = client.users().byUserId(user).contacts().delta();
        var page = link.map(known -> delta.withUrl(GraphAccess.absolute(client, known)))
                .orElse(delta)
                .get(request -> request.headers.add("Prefer", prefer()));
        noteStandardFolder(page.getValue());
        return page(page.getValue(), page.getOdataNextLink(), page.getOdataDeltaLink());
    }

    private DeltaPage ofFolder(String id, Optional<String> link) {
        var delta = client.users()
                .byUserId(user)
                .contactFolders()
                .byContactFolderId(id)
                .contacts()
                .delta();
        var page = link.map(known -> delta.withUrl(GraphAccess.absolute(client, known)))
                .orElse(delta)
                .get(request -> request.headers.add("Prefer", prefer()));
        return page(page.getValue(), page.getOdataNextLink(), page.getOdataDeltaLink());
    }

    private String prefer() {
        return GraphAccess.IMMUTABLE_IDS + ", odata.maxpagesize=" + pageSize;
    }

    private DeltaPage page(List<Contact> contacts, String nextLink, String deltaLink) {
        return new DeltaPage(
                contacts == null ? List.of() : contacts.stream().map(this::item).toList(),
                Optional.ofNullable(nextLink).map(GraphAccess::relative),
                Optional.ofNullable(deltaLink).map(GraphAccess::relative));
    }

    /** A deleted contact lies in Deleted Items for a while, and Graph still finds it there. */
    @Override
    public boolean isThere(Item item) {
        return ContainerReader.ifThere(() -> contacts().byContactId(item.id()).get(request -> {
                    request.headers.add("Prefer", GraphAccess.IMMUTABLE_IDS);
                    request.queryParameters.select = PLACE;
                }))
                .filter(this::isHere)
                .isPresent();
    }

    @Override
    public Single single(Item item) {
        return ContainerReader.ifThere(() -> contacts()
                        .byContactId(item.id())
                        .get(request -> request.headers.add("Prefer", GraphAccess.IMMUTABLE_IDS)))
                .filter(this::isHere)
                .<Single>map(contact -> new Single.There(item(contact)))
                .orElseGet(Single.Gone::new);
    }

    private boolean isHere(Contact contact) {
        return folder.or(this::standardFolder).equals(Optional.of(contact.getParentFolderId()));
    }

    /** Graph names it only where there is something in it; empty where nothing is. Asked once in a round, where no page has shown it. */
    private Optional<String> standardFolder() {
        if (standard.isEmpty()) {
            noteStandardFolder(contacts()
                    .get(request -> {
                        request.queryParameters.top = 1;
                        request.queryParameters.select = PLACE;
                    })
                    .getValue());
        }
        return standard;
    }

    private void noteStandardFolder(List<Contact> inIt) {
        standard = standard.or(() -> Optional.ofNullable(inIt).orElse(List.of()).stream()
                .filter(contact -> !Members.isRemoved(contact))
                .map(Contact::getParentFolderId)
                .filter(Objects::nonNull)
                .findFirst());
    }

    private ContactsRequestBuilder contacts() {
        return client.users().byUserId(user).contacts();
    }

    private Item item(Contact contact) {
        boolean removed = Members.isRemoved(contact);
        Instant created = Members.instant(contact.getCreatedDateTime());
        Instant modified = Members.instant(contact.getLastModifiedDateTime(), created);
        return new Item(
                contact.getId(),
                path + "/" + contact.getId(),
                removed,
                removed
                        ? ""
                        : Members.etag(contact)
                                .or(() -> Optional.ofNullable(contact.getChangeKey()))
                                .orElseGet(modified::toString),
                created,
                modified,
                resource(contact),
                fields(contact));
    }

    private static ObjectNode resource(Contact contact) {
        ObjectNode resource = JsonNodeFactory.instance.objectNode().put("id", contact.getId());
        Members.put(resource, "displayName", contact.getDisplayName());
        Members.put(resource, "givenName", contact.getGivenName());
        Members.put(resource, "surname", contact.getSurname());
        Members.put(resource, "companyName", contact.getCompanyName());
        Members.put(resource, "jobTitle", contact.getJobTitle());
        if (contact.getEmailAddresses() != null) {
            var addresses = resource.putArray("emailAddresses");
            contact.getEmailAddresses().stream()
                    .map(EmailAddress::getAddress)
                    .filter(Objects::nonNull)
                    .forEach(addresses::add);
        }
        if (contact.getBusinessPhones() != null) {
            var phones = resource.putArray("businessPhones");
            contact.getBusinessPhones().forEach(phones::add);
        }
        Members.put(resource, "mobilePhone", contact.getMobilePhone());
        Members.put(resource, "createdDateTime", contact.getCreatedDateTime());
        Members.put(resource, "lastModifiedDateTime", contact.getLastModifiedDateTime());
        return resource;
    }

    private static Map<String, String> fields(Contact contact) {
        Map<String, String> fields = new TreeMap<>();
        fields.put("displayName", Objects.toString(contact.getDisplayName(), ""));
        fields.put("givenName", Objects.toString(contact.getGivenName(), ""));
        fields.put("surname", Objects.toString(contact.getSurname(), ""));
        fields.put("companyName", Objects.toString(contact.getCompanyName(), ""));
        fields.put("department", Objects.toString(contact.getDepartment(), ""));
        fields.put("jobTitle", Objects.toString(contact.getJobTitle(), ""));
        fields.put("mobilePhone", Objects.toString(contact.getMobilePhone(), ""));
        fields.put("businessPhones", Objects.toString(contact.getBusinessPhones(), ""));
        fields.put("homePhones", Objects.toString(contact.getHomePhones(), ""));
        fields.put("categories", Objects.toString(contact.getCategories(), ""));
        fields.put("personalNotes", Objects.toString(contact.getPersonalNotes(), ""));
        fields.put(
                "emailAddresses",
                contact.getEmailAddresses() == null
                        ? ""
                        : contact.getEmailAddresses().stream()
                                .map(EmailAddress::getAddress)
                                .toList()
                                .toString());
        return fields;
    }
}
