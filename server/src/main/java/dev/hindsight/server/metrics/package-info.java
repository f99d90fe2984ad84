/** What the service counts, in Prometheus' format. */
package dev.hindsight.server.metrics;
