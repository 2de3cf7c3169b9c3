package org.m365connector.auth.entra;

import java.util.Map;

/**
 * A token of another identity provider that the app registration trusts, in a file that whoever runs us keeps fresh: the
 * projected token of a Kubernetes service account, for one (Microsoft's page "workload identity federation"). The file is
 * read for every request, since it is replaced long before the token in it ends.
 */
public record FederatedToken(String id, String file, TokenFiles files) implements ClientCredential {

    @Override
    public void addTo(Map<String, String> form, Occasion occasion) {
        form.put("client_assertion_type", TYPE_OF_ASSERTION);
        form.put("client_assertion", files.read(file));
    }

    @Override
    public boolean ages() {
        return true;
    }

    @Override
    public String toString() {
        return "FederatedToken[id=" + id + ", file=" + file + "]";
    }
}
