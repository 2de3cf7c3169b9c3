/*
 * Signs a portal user in to Microsoft 365. In the portal's page:
 *
 *   <script src="https://AUTH/login/m365-login.js"></script>
 *   button.addEventListener("click", () => M365Login.open({
 *     ticketUrl: "/my-portal/m365/ticket",   // POST: the portal asks auth-service and answers {"loginUrl": "…"}
 *     stateUrl: "/my-portal/m365/state",     // GET: the portal asks auth-service and answers {"state": "…", "generation": n, …}
 *     blocked: url => showLink(url),         // the browser blocks pop-ups: show this link, it opens in a window of its own
 *     failed: reason => showHint(reason),    // it did not work, but may be tried again in the window
 *   }).then(result => …));                   // {state: "done" | "failed" | "closed" | "timeout", reason}
 *
 * The window is opened in the click itself, or browsers block it. The end is told by postMessage, and by polling as well, for a
 * Cross-Origin-Opener-Policy header on Microsoft's pages may cut the window off from its opener.
 *
 * Without a window: M365Login.redirect({ticketUrl}) leaves the page (the portal asks for display "redirect" with its returnUrl);
 * back on it M365Login.result() is {state, reason}, or null where nobody comes from a sign-in.
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
      again: data.m365Again === "true",
      registration: data.m365Registration,
      portaluser: data.m365Portaluser
    };
    (data.m365Origins || "").split(" ").filter(Boolean).forEach(function (origin) {
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
    var popup = window.open("about:blank", "m365-login", "popup,width=560,height=720");
    var pollEvery = options.pollEvery || 2000;
    var giveUpAfter = options.giveUpAfter || 15 * 60 * 1000;

    return new Promise(function (resolve, reject) {
      var before = null;
      var timer = null;
      var ended = false;
      var began = Date.now();
      var closedSince = null;
      /* Why it did not work so far, where the window said so itself and offers another try. */
      var failure = null;

      function end(result) {
        ended = true;
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
        if (event.data.again && popup) {
          failure = event.data.reason;
          if (options.failed) {
            options.failed(failure);
          }
          return;
        }
        end({ state: event.data.state, reason: event.data.reason });
      }

      function look(now) {
        if (now.state === "ready" && now.generation !== before.generation) {
          end({ state: "done", reason: "signed-in" });
          return;
        }
        var last = now.last ? now.last.at : null;
        if (failure) {
          /* The window is still ours: what it says can be believed, and so can its being closed. */
          if (popup.closed) {
            end({ state: "failed", reason: failure });
          }
          return;
        }
        if (last && last !== before.last && now.last.outcome !== "signed-in" && (!popup || popup.closed)) {
          end({ state: "failed", reason: now.last.outcome });
          return;
        }
        /* A window that another site's COOP header cut off says that it is closed: wait before believing it. */
        closedSince = popup && popup.closed ? closedSince || Date.now() : null;
        if (closedSince && Date.now() - closedSince > (options.closedAfter || 120000)) {
          end({ state: "closed", reason: "window-closed" });
        }
      }

      function pollLater() {
        if (!ended) {
          timer = setTimeout(poll, pollEvery);
        }
      }

      function poll() {
        if (Date.now() - began > giveUpAfter) {
          end({ state: "timeout", reason: "timeout" });
          return;
        }
        fetchJson(options.stateUrl, "GET").then(look).then(pollLater, pollLater);
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
          } else if (popup) {
            end({ state: "closed", reason: "window-closed" });
          } else if (options.blocked) {
            options.blocked(ticket.loginUrl);
          } else {
            end({ state: "failed", reason: "popup-blocked" });
          }
          pollLater();
        })
        .catch(function (error) {
          ended = true;
          window.removeEventListener("message", onMessage);
          if (popup && !popup.closed) {
            popup.close();
          }
          reject(error);
        });
    });
  }

  function redirect(options) {
    return fetchJson(options.ticketUrl, "POST").then(function (ticket) {
      location.assign(ticket.loginUrl);
    });
  }

  function result() {
    var query = new URLSearchParams(location.search);
    return query.has("m365login") ? { state: query.get("m365login"), reason: query.get("m365reason") } : null;
  }

  window.M365Login = { open: open, redirect: redirect, result: result };
  if (document.readyState === "loading") {
    document.addEventListener("DOMContentLoaded", report);
  } else {
    report();
  }
})();
