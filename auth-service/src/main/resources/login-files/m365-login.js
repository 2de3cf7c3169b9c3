/*
 * Signs a portal user in to Microsoft 365, in a window of its own.
 *
 * In the portal's page:
 *   <script src="https://AUTH/login/m365-login.js"></script>
 *   button.addEventListener("click", () => M365Login.open({
 *     ticketUrl: "/my-portal/m365/ticket",   // POST: the portal asks auth-service and answers {"loginUrl": "…"}
 *     stateUrl: "/my-portal/m365/state",     // GET: the portal asks auth-service and answers {"state": "…", "generation": n, …}
 *     blocked: url => showLink(url),         // called when the browser blocks pop-ups
 *   }).then(result => …));                   // {state: "done" | "failed" | "closed" | "timeout", reason}
 *
 * The window is opened in the click itself, or browsers block it. The end is told by postMessage, and by polling as well, for a
 * Cross-Origin-Opener-Policy header on Microsoft's pages may cut the window off from its opener.
 */
(function () {
  "use strict";

  var script = document.currentScript;
  var ownOrigin = script ? new URL(script.src).origin : location.origin;
  var TYPE = "m365-login";

  /* On our own result page: tell whoever opened it, each of the portal's origins by name, and close. */
  function report() {
    var data = document.body && document.body.dataset;
    if (!data || !data.m365Result || !window.opener) {
      return;
    }
    var message = {
      type: TYPE,
      state: data.m365Result,
      reason: data.m365Reason,
      registration: data.m365Registration,
      portaluser: data.m365Portaluser
    };
    data.m365Origins.split(" ").filter(Boolean).forEach(function (origin) {
      window.opener.postMessage(message, origin);
    });
    if (data.m365Result === "done") {
      setTimeout(function () { window.close(); }, 800);
    }
  }

  function fetchJson(url, method) {
    return fetch(url, { method: method, credentials: "same-origin", headers: { Accept: "application/json" } })
      .then(function (response) {
        if (!response.ok) {
          throw new Error("m365-login: " + url + " answered " + response.status);
        }
        return response.json();
      });
  }

  function open(options) {
    var popup = window.open("about:blank", "m365-login", "popup,width=520,height=680");
    var pollEvery = options.pollEvery || 2000;
    var giveUpAfter = options.giveUpAfter || 15 * 60 * 1000;

    return new Promise(function (resolve, reject) {
      var before = null;
      var timer = null;
      var began = Date.now();
      var closedSince = null;

      function end(result) {
        clearTimeout(timer);
        window.removeEventListener("message", onMessage);
        if (popup && !popup.closed && result.state === "done") {
          popup.close();
        }
        resolve(result);
      }

      function onMessage(event) {
        if (event.origin !== ownOrigin || !event.data || event.data.type !== TYPE) {
          return;
        }
        if (popup && event.source !== popup) {
          return;
        }
        end({ state: event.data.state, reason: event.data.reason });
      }

      function poll() {
        if (Date.now() - began > giveUpAfter) {
          end({ state: "timeout", reason: "timeout" });
          return;
        }
        fetchJson(options.stateUrl, "GET").then(function (now) {
          if (now.state === "ready" && now.generation !== before.generation) {
            end({ state: "done", reason: "signed-in" });
            return;
          }
          var last = now.last ? now.last.at : null;
          if (last && last !== before.last && now.last.outcome !== "signed-in") {
            end({ state: "failed", reason: now.last.outcome });
            return;
          }
          /* A window that another site's COOP header cut off says that it is closed: wait before believing it. */
          closedSince = popup && popup.closed ? closedSince || Date.now() : null;
          if (closedSince && Date.now() - closedSince > (options.closedAfter || 120000)) {
            end({ state: "closed", reason: "window-closed" });
            return;
          }
          timer = setTimeout(poll, pollEvery);
        }, function () {
          timer = setTimeout(poll, pollEvery);
        });
      }

      window.addEventListener("message", onMessage);
      fetchJson(options.stateUrl, "GET")
        .then(function (state) {
          before = { generation: state.generation, last: state.last ? state.last.at : null };
          return fetchJson(options.ticketUrl, "POST");
        })
        .then(function (ticket) {
          if (popup && !popup.closed) {
            popup.location.href = ticket.loginUrl;
          } else if (options.blocked) {
            popup = null;
            options.blocked(ticket.loginUrl);
          }
          timer = setTimeout(poll, pollEvery);
        })
        .catch(function (error) {
          window.removeEventListener("message", onMessage);
          if (popup && !popup.closed) {
            popup.close();
          }
          reject(error);
        });
    });
  }

  window.M365Login = { open: open };
  if (document.readyState === "loading") {
    document.addEventListener("DOMContentLoaded", report);
  } else {
    report();
  }
})();
