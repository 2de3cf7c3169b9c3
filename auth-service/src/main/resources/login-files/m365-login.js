/*
 * Signs a portal user in to Microsoft 365. In the portal's page:
 *
 *   <script src="https://AUTH/login/m365-login.js"></script>
 *   button.addEventListener("click", () => M365Login.open({
 *     ticketUrl: "/my-portal/m365/ticket",   // POST: the portal asks auth-service and answers {"loginUrl": "…"}
 *     stateUrl: "/my-portal/m365/state",     // GET: the portal asks auth-service and passes its answer on
 *     failed: reason => showHint(reason),    // it did not work, but may be tried again in the window
 *     blocked: url => showLink(url),         // instead of the box with a link that is shown where pop-ups are blocked
 *   }).then(result => …));                   // {state: "done" | "failed" | "closed" | "timeout", reason}
 *
 * The window is opened in the click itself, or browsers block it. The end is told by postMessage, and by polling as well: where
 * Microsoft's pages have a Cross-Origin-Opener-Policy header, the window is cut off from its opener, to whom it then looks
 * closed. Such a window is not given up before auth-service says that nobody is signing in any more. The button may be clicked
 * again at any time; the earlier call ends as "closed".
 *
 * Without a window: M365Login.redirect({ticketUrl}) leaves the page (the portal asks for display "redirect" with its returnUrl);
 * back on it M365Login.result() is {state, reason}, or null where nobody comes from a sign-in.
 */
(function () {
  "use strict";

  var script = document.currentScript;
  var ownOrigin = script ? new URL(script.src).origin : location.origin;
  var TYPE = "m365-login";
  var WINDOW = "m365-login";
  var ARRIVED_AFTER = 1500;
  /* Ends the call that is waiting for its window, if there is one. */
  var underWay = null;

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

  /* The link that is shown where the browser blocks the window. A click on it is one that may open a window. */
  function showLink(url, opened) {
    var german = (document.documentElement.lang || navigator.language || "").toLowerCase().indexOf("de") === 0;
    var box = document.createElement("div");
    box.setAttribute("role", "alert");
    box.style.cssText = "position:fixed;z-index:2147483647;left:1rem;right:1rem;top:1rem;max-width:32rem;margin:0 auto;"
      + "padding:1rem 1.25rem;font:1rem/1.5 system-ui,sans-serif;color:#1c1c1e;background:#fff;"
      + "border:1px solid #0b57a4;border-radius:.5rem;box-shadow:0 4px 16px rgba(0,0,0,.25)";
    box.append(german ? "Ihr Browser hat das Fenster zur Anmeldung blockiert. " : "Your browser has blocked the sign-in window. ");
    var link = document.createElement("a");
    link.href = url;
    link.target = WINDOW;
    link.style.cssText = "color:#0b57a4;font-weight:600";
    link.textContent = german ? "Fenster öffnen" : "Open the window";
    link.addEventListener("click", function (event) {
      var popup = openWindow(url);
      if (popup) {
        event.preventDefault();
        opened(popup);
      }
      box.remove();
    });
    box.append(link);
    document.body.append(box);
    link.focus();
    return box;
  }

  /* The window, or null where it is blocked: some browsers and extensions say so with a window that is closed at once. */
  function openWindow(url) {
    var popup = window.open(url, WINDOW, "popup,width=560,height=720");
    return popup && !popup.closed ? popup : null;
  }

  function open(options) {
    if (underWay) {
      underWay({ state: "closed", reason: "window-closed" });
    }
    var popup = openWindow("about:blank");
    var pollEvery = options.pollEvery || 2000;
    var giveUpAfter = options.giveUpAfter || 30 * 60 * 1000;
    /* For so long another try may be begun in a window that looks closed, and a window may look closed, before it is believed. */
    var closedAfter = options.closedAfter || 120000;

    return new Promise(function (resolve, reject) {
      var before = null;
      var timer = null;
      var watcher = null;
      var box = null;
      var ended = false;
      var began = Date.now();
      /* Microsoft's page has been seen in the window without cutting it off: if it closes now, somebody closed it. */
      var arrived = false;
      var foreignSince = null;
      var closedSince = null;
      var begun = false;
      /* Why it did not work so far, where another try is offered: from the window itself, or from auth-service. */
      var failure = null;
      var toldAt = null;
      var toldSince = null;

      function cleanUp() {
        ended = true;
        underWay = null;
        clearTimeout(timer);
        clearInterval(watcher);
        window.removeEventListener("message", onMessage);
        if (box) {
          box.remove();
        }
      }

      function end(result) {
        if (ended) {
          return;
        }
        cleanUp();
        if (popup && !popup.closed && result.state === "done") {
          popup.close();
        }
        resolve(result);
      }

      function hint(reason) {
        if (options.failed) {
          options.failed(reason);
        }
      }

      function onMessage(event) {
        if (event.origin !== ownOrigin || !event.data || event.data.type !== TYPE) {
          return;
        }
        if (popup && event.source !== popup) {
          return;
        }
        if (event.data.again) {
          /* Without a hold of the window, polling tells what becomes of the other try. */
          if (popup) {
            failure = event.data.reason;
            hint(failure);
          }
          return;
        }
        end({ state: event.data.state, reason: event.data.reason });
      }

      /*
       * Another document than our about:blank cannot be read: that is how its arrival is noticed. While a window is being cut off
       * it looks like that too, but not for long.
       */
      function watch() {
        if (!popup || popup.closed || arrived) {
          return;
        }
        try {
          void popup.location.href;
          foreignSince = null;
        } catch (e) {
          foreignSince = foreignSince || Date.now();
          arrived = Date.now() - foreignSince > ARRIVED_AFTER;
        }
      }

      function look(now) {
        if (ended) {
          return;
        }
        if (now.state === "ready" && now.generation !== before.generation) {
          end({ state: "done", reason: "signed-in" });
        } else if (popup && !popup.closed) {
          closedSince = null;
        } else if (failure) {
          end({ state: "failed", reason: failure });
        } else {
          closedSince = closedSince || Date.now();
          lookFromOutside(now);
        }
      }

      /* The window tells nothing: it is closed or cut off, or it was opened by a link. auth-service knows what goes on in it. */
      function lookFromOutside(now) {
        var last = now.last && now.last.at !== before.last ? now.last : null;
        if (last && last.outcome === "signed-in") {
          /* Just now; the next look finds the account ready. */
          return;
        }
        begun = begun || now.underWay;
        if (last && last.at !== toldAt) {
          if (!last.again) {
            end({ state: "failed", reason: last.outcome });
            return;
          }
          toldAt = last.at;
          toldSince = Date.now();
          hint(last.outcome);
        }
        if (popup && arrived && Date.now() - Math.max(closedSince, toldSince) > closedAfter) {
          end(last ? { state: "failed", reason: last.outcome } : { state: "closed", reason: "window-closed" });
        } else if (now.underWay) {
          toldSince = last ? Date.now() : null;
        } else if (last) {
          if (Date.now() - toldSince > closedAfter) {
            end({ state: "failed", reason: last.outcome });
          }
        } else if (begun) {
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

      underWay = end;
      watcher = setInterval(watch, 100);
      window.addEventListener("message", onMessage);
      fetchJson(options.stateUrl, "GET")
        .then(function (state) {
          before = { generation: state.generation, last: state.last ? state.last.at : null };
          return fetchJson(options.ticketUrl, "POST");
        })
        .then(function (ticket) {
          if (ended) {
            return;
          }
          if (popup && !popup.closed) {
            popup.location.href = ticket.loginUrl;
          } else if (popup) {
            end({ state: "closed", reason: "window-closed" });
          } else if (options.blocked) {
            options.blocked(ticket.loginUrl);
          } else {
            box = showLink(ticket.loginUrl, function (opened) { popup = opened; });
          }
          pollLater();
        })
        .catch(function (error) {
          if (ended) {
            return;
          }
          cleanUp();
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
