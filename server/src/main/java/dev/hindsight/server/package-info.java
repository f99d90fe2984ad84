/**
 * The long-running service {@code hindsight serve}: {@link dev.hindsight.server.Service} puts it together and ends it. It
 * seals what agents capture, takes bases when they are due or needed, runs restores as jobs that can be followed, and
 * answers the API under {@code /v1}. {@link dev.hindsight.server.Backend} is the seam to the rest of the system.
 *
 * <p>Threads: Jetty's pool answers; one thread seals; one merges segments; one looks after bases; jobs have a few of their own.
 */
package dev.hindsight.server;
