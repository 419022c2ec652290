import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.langchain4j.model.openai.OpenAiStreamingChatModel;
import java.util.concurrent.CompletableFuture;

/** A chat, whole and streamed: the same text. Arguments: base URL, model. */
public final class Ask {
    public static void main(String[] arguments) throws Exception {
        String question = "Name a colour.";
        String whole = OpenAiChatModel.builder()
                .baseUrl(arguments[0])
                .apiKey("none")
                .modelName(arguments[1])
                .temperature(0.7)
                .seed(5)
                .maxTokens(16)
                .build()
                .chat(question);
        CompletableFuture<String> done = new CompletableFuture<>();
        StringBuilder pieces = new StringBuilder();
        OpenAiStreamingChatModel.builder()
                .baseUrl(arguments[0])
                .apiKey("none")
                .modelName(arguments[1])
                .temperature(0.7)
                .seed(5)
                .maxTokens(16)
                .build()
                .chat(question, new StreamingChatResponseHandler() {
                    @Override
                    public void onPartialResponse(String piece) {
                        pieces.append(piece);
                    }

                    @Override
                    public void onCompleteResponse(ChatResponse response) {
                        done.complete(response.aiMessage().text());
                    }

                    @Override
                    public void onError(Throwable error) {
                        done.completeExceptionally(error);
                    }
                });
        boolean same = done.get().equals(whole) && pieces.toString().equals(whole);
        System.out.println((same ? "ok   " : "OUT  ") + "LangChain4j: a chat, whole and streamed: " + whole);
        System.exit(same ? 0 : 1);
    }
}
