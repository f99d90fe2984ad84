package dev.hindsight.bench.synthesis.engine;

import dev.hindsight.model.SuppressForbidden;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.Socket;
import java.util.Map;

/**
 * The program of an engine's JVM: connects to the measuring side, does the jobs that come from there one after the other,
 * and ends when the connection does. Runs on Cassandra's class path alone for the engines of Cassandra, so this package
 * must need nothing else in {@link CassandraEngine}.
 */
public final class EngineHost {
    /** A job's text of failure must fit into what {@link DataOutputStream#writeUTF} takes. */
    private static final int LONGEST_FAILURE = 8_000;

    private EngineHost() {}

    /** @param arguments port, kind of engine, name of the synthesiser */
    @SuppressForbidden(reason = "main ends the process: Cassandra leaves threads behind")
    public static void main(String[] arguments) throws Exception {
        int code = 1;
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), Integer.parseInt(arguments[0]));
                DataInputStream in = new DataInputStream(socket.getInputStream());
                DataOutputStream out = new DataOutputStream(new BufferedOutputStream(socket.getOutputStream()))) {
            serve(engine(EngineKind.valueOf(arguments[1]), arguments[2]), in, out);
            code = 0;
        } finally {
            System.exit(code);
        }
    }

    private static Engine engine(EngineKind kind, String synthesiser) {
        return switch (kind) {
            case CASSANDRA_5, CASSANDRA_6 -> new CassandraEngine(kind);
            case HINDSIGHT -> new SynthesiserEngine(synthesiser);
            case FLOOR -> new FloorEngine();
        };
    }

    private static void serve(Engine engine, DataInputStream in, DataOutputStream out) throws IOException {
        while (true) {
            Job job;
            try {
                job = Job.read(in);
            } catch (EOFException e) {
                return;
            }
            answer(engine, job, out);
        }
    }

    @SuppressWarnings("CatchingUnchecked")
    private static void answer(Engine engine, Job job, DataOutputStream out) throws IOException {
        try {
            Map<String, Long> figures = engine.run(job);
            out.writeBoolean(true);
            out.writeInt(figures.size());
            for (Map.Entry<String, Long> figure : figures.entrySet()) {
                out.writeUTF(figure.getKey());
                out.writeLong(figure.getValue());
            }
        } catch (Exception | LinkageError | AssertionError e) {
            StringWriter trace = new StringWriter();
            e.printStackTrace(new PrintWriter(trace));
            out.writeBoolean(false);
            out.writeUTF(trace.toString()
                    .substring(0, Math.min(LONGEST_FAILURE, trace.toString().length())));
        }
        out.flush();
    }
}
