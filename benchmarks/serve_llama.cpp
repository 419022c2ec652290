// Rates of llama.cpp itself, without a server, for benchmarks/serve.py: CLIENTS sequences in one batch, each of REQUESTS prompts (lines of standard input) one after the other, TOKENS new tokens each at temperature 0.8.
//
//   g++ -O2 -std=c++17 -I LLAMA/include -I LLAMA/ggml/include benchmarks/serve_llama.cpp -o serve_llama BUILD/src/libllama.a BUILD/ggml/src/libggml.a BUILD/ggml/src/libggml-cpu.a BUILD/ggml/src/libggml-base.a -lpthread -ldl -lm
//   serve_llama MODEL.gguf CLIENTS REQUESTS TOKENS THREADS < prompts.txt     prints tokens a second, and a second of processor time
//
// What llama-server computes in the same way (continuous batching, one llama_decode a step); it adds HTTP, JSON and texts.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <iostream>
#include <string>
#include <vector>

#include "llama.h"

struct Slot {
    std::vector<llama_token> next; // to feed
    int position = 0, made = 0, row = -1;
    llama_sampler * sampler = nullptr;
};

int main(int count, char ** arguments) {
    if (count != 6) {
        std::fputs("serve_llama MODEL CLIENTS REQUESTS TOKENS THREADS < prompts\n", stderr);
        return 2;
    }
    const int clients = std::atoi(arguments[2]), requests = std::atoi(arguments[3]), tokens = std::atoi(arguments[4]);
    llama_log_set([](ggml_log_level level, const char * text, void *) { if (level == GGML_LOG_LEVEL_ERROR) std::fputs(text, stderr); }, nullptr);
    llama_backend_init();
    llama_model * model = llama_model_load_from_file(arguments[1], llama_model_default_params());
    if (!model) return 1;
    const llama_vocab * vocab = llama_model_get_vocab(model);
    std::vector<std::vector<llama_token>> prompts;
    for (std::string line; std::getline(std::cin, line);) {
        std::vector<llama_token> ids(line.size() + 16);
        ids.resize(llama_tokenize(vocab, line.data(), line.size(), ids.data(), ids.size(), true, true));
        prompts.push_back(ids);
    }
    llama_context_params params = llama_context_default_params();
    params.n_seq_max = clients;
    params.n_ctx = clients * 256;
    params.n_batch = 2048;
    params.n_ubatch = 512;
    params.n_threads = params.n_threads_batch = std::atoi(arguments[5]);
    params.kv_unified = true;
    llama_context * context = llama_init_from_model(model, params);
    llama_batch batch = llama_batch_init(2048, 0, 1);
    std::vector<Slot> slots(clients);
    size_t prompt = 0, most = (size_t) clients * requests;
    long made = 0;
    auto begun = std::chrono::steady_clock::now();
    const std::clock_t used = std::clock();
    auto begin = [&](int i) {
        Slot & slot = slots[i];
        llama_memory_seq_rm(llama_get_memory(context), i, -1, -1);
        if (slot.sampler) llama_sampler_free(slot.sampler);
        slot = Slot();
        if (prompt >= most) return;
        slot.next = prompts[prompt % prompts.size()];
        slot.sampler = llama_sampler_chain_init(llama_sampler_chain_default_params());
        llama_sampler_chain_add(slot.sampler, llama_sampler_init_temp(0.8f));
        llama_sampler_chain_add(slot.sampler, llama_sampler_init_dist(prompt++));
    };
    for (int i = 0; i < clients; i++) begin(i);
    for (;;) {
        batch.n_tokens = 0;
        for (int i = 0; i < clients; i++) {
            Slot & slot = slots[i];
            for (size_t k = 0; k < slot.next.size(); k++) {
                const int at = batch.n_tokens++;
                batch.token[at] = slot.next[k];
                batch.pos[at] = slot.position++;
                batch.n_seq_id[at] = 1;
                batch.seq_id[at][0] = i;
                batch.logits[at] = k + 1 == slot.next.size();
                slot.row = at;
            }
        }
        if (batch.n_tokens == 0) break;
        if (llama_decode(context, batch) != 0) {
            std::fputs("llama_decode failed\n", stderr);
            return 1;
        }
        for (int i = 0; i < clients; i++) {
            Slot & slot = slots[i];
            if (slot.next.empty()) continue;
            const llama_token id = llama_sampler_sample(slot.sampler, context, slot.row);
            made++;
            slot.next = {id};
            if (++slot.made == tokens) begin(i);
        }
    }
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
    std::printf("%.1f tokens/s, %.1f tokens per second of one processor\n", made / seconds, made / (double(std::clock() - used) / CLOCKS_PER_SEC));
    return 0;
}
