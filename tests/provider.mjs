// The provider of npm oidc-provider, which nobody here wrote: tells its port, reads the node's address, and serves.
import { createServer } from "node:http";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const { Provider } = await import(pathToFileURL(`${process.argv[2]}/oidc-provider/lib/index.js`));
let answer = (_, response) => response.writeHead(503).end();
const server = createServer((request, response) => answer(request, response));
server.listen(0, "127.0.0.1", () => console.log(server.address().port));

createInterface({ input: process.stdin }).once("line", (node) => {
  const provider = new Provider(`http://127.0.0.1:${server.address().port}`, {
    clients: [
      {
        client_id: "lineside",
        client_secret: "s3cret",
        redirect_uris: [`${node}/signed-in/works`],
        post_logout_redirect_uris: [`${node}/`],
      },
    ],
    claims: { openid: ["sub"], profile: ["preferred_username", "groups"] },
    findAccount: (_, sub) => ({
      accountId: sub,
      claims: () => ({ sub, preferred_username: sub, groups: sub === "otto" ? ["crew"] : [] }),
    }),
  });
  answer = provider.callback();
  console.log("ready");
});
