// Microsoft's client for JavaScript as it comes; only where it goes and with which key is said. Prints what it got as JSON.
const { BatchRequestContent, BatchResponseContent, Client, PageIterator } = require(
  "@microsoft/microsoft-graph-client",
);

const client = Client.initWithMiddleware({
  authProvider: { getAccessToken: async () => process.env.PORTAL_KEY },
  baseUrl: process.env.PROXY_BASE,
  defaultVersion: "v1.0",
  customHosts: new Set([new URL(process.env.PROXY_BASE).hostname]),
});

async function paging() {
  const first = await client.api("/me/messages").top(10).select("id").get();
  const ids = [];
  await new PageIterator(client, first, (message) => ids.push(message.id) > 0).iterate();
  return { firstPage: first.value.length, ids };
}

async function batch() {
  // Only the path counts; a Request of Node has to have a host.
  const get = (id, path) => ({ id, request: new Request(`https://localhost${path}`) });
  const content = await new BatchRequestContent([
    get("1", "/me"),
    get("2", "/me/messages?$top=1"),
    get("3", "/me/messages/AAMkNone="),
  ]).getContent();
  const answers = new BatchResponseContent(await client.api("/$batch").post(content));
  const upn = (await answers.getResponseById("1").json()).userPrincipalName;
  const messages = (await answers.getResponseById("2").json()).value.length;
  return { upn, messages, missing: answers.getResponseById("3").status };
}

async function failure(path) {
  try {
    await client.api(path).get();
    return "none";
  } catch (error) {
    return { status: error.statusCode, code: error.code, message: error.message };
  }
}

(async () => {
  const result = {
    paging: await paging(),
    batch: await batch(),
    graphsError: await failure("/me/messages/AAMkNone="),
    ourError: await failure("/me/drive/root:/..:/children"),
  };
  process.stdout.write(JSON.stringify(result));
})().catch((error) => {
  console.error(error);
  process.exit(1);
});
