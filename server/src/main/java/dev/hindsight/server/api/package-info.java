/** The REST API: tokens, routes, calls, problem documents. {@code openapi.yaml} beside it is what it has to obey. */
package dev.hindsight.server.api;
